import { Inject, Injectable } from '@nestjs/common';
import { ClavigerError, type AgentRunAnswer } from '#lib/contracts';
import { asClavigerError } from '#lib/http';
import type { Clock } from '#lib/kernel';
import type { RunHandle } from '../agent-runs/run-handle.js';
import type { StoredResult } from '../agent-runs/run-row.js';
import type { UsageEntry } from '../metering/usage-entry.js';
import type { CallPlan, CallRequest } from '../pipeline/call-plan.js';
import { cancelledOnRequest } from '../run-queue/cancel-watch.js';
import { keptRow, mayBeKept } from '../run-queue/kept-request.js';
import { CLOCK, ENGINE_ID, PAUSES, type Pauses } from '../tokens.js';
import { awaitedBy } from './pending-calls.js';
import { RunPausesStore } from './run-pauses.store.js';

export interface Pause {
  plan: CallPlan;
  handle: RunHandle;
  /** The run so far, earlier parts included. */
  result: StoredResult;
  calls: UsageEntry[];
}

/** Lets a run wait for its caller: what it needs to go on is kept, no process has it. */
@Injectable()
export class RunPauser {
  constructor(
    private readonly store: RunPausesStore,
    @Inject(ENGINE_ID) private readonly engineId: string,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(PAUSES) private readonly waits: Pauses,
  ) {}

  /**
   * `waits`: the run has nothing to do until somebody answers it, or has passed to another process; whoever listens was told. `over`: it
   * came to its end. Otherwise why it can't wait: it ends by that.
   */
  async pause({ plan, handle, result, calls }: Pause): Promise<'waits' | 'over' | ClavigerError> {
    const { agent } = plan.request;
    // What it called last waits for nobody where a condition of its caller's stopped it.
    if (result.stopReason) return 'over';
    const waitsMs = this.waits.ms;
    const expiresAt = new Date(this.clock.now().getTime() + waitsMs).toISOString();
    const requiredAction = awaitedBy(result.steps, agent.tools, expiresAt);
    if (!requiredAction) return 'over';
    const request = keptRow(askedFirst(plan.request, handle), [], handle.lastEvent + 1);
    if (!mayBeKept(agent, plan.retention()) || !request) return mayNotBeKept();
    const answer: AgentRunAnswer = { id: handle.id, status: 'requires_action', ...result, requiredAction };
    const { orgId, fence } = handle.facts;
    const paused = { answer, request, waitsMs, calls: plan.budget && calls };
    try {
      const came = await this.store.pause(orgId, paused, { engineId: this.engineId, fence });
      if (came === 'cancelled') return cancelledOnRequest();
      if (came === 'waits') handle.wait(answer);
      else handle.pass();
      return 'waits';
    } catch (error) {
      return asClavigerError(error);
    }
  }
}

/** What was asked at first: what was said since is in the result, and its steps are counted there. */
function askedFirst(request: CallRequest, { facts }: RunHandle): CallRequest {
  const { continued: _, approved: __, earlier: ___, ...agent } = request.agent;
  return { ...request, agent: { ...agent, maxSteps: agent.maxSteps + (facts.before?.steps.length ?? 0) } };
}

function mayNotBeKept(): ClavigerError {
  return new ClavigerError(
    'policy_violation',
    'The run called a tool of its caller’s, or one that needs approval, and a policy of this workspace does not let it be kept until the answer is there. Leave out tools of type "client" and needsApproval.',
  );
}
