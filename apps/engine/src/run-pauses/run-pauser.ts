import { Inject, Injectable } from '@nestjs/common';
import { ClavigerError, type AgentRunAnswer, type RunToolCall } from '#lib/contracts';
import { asClavigerError } from '#lib/http';
import type { Clock } from '#lib/kernel';
import type { RunHandle } from '../agent-runs/run-handle.js';
import type { StoredResult } from '../agent-runs/run-row.js';
import type { UsageEntry } from '../metering/usage-entry.js';
import type { CallPlan, CallRequest } from '../pipeline/call-plan.js';
import { keptRow } from '../run-queue/kept-request.js';
import { CLOCK, ENGINE_ID } from '../tokens.js';
import type { RequiredAction } from './pending-calls.js';
import { RunPausesStore } from './run-pauses.store.js';

/** How long a paused run waits for its caller, in milliseconds. */
const WAITS_MS = 3_600_000;

export interface Pause {
  plan: CallPlan;
  handle: RunHandle;
  /** The run so far, earlier parts included. */
  result: StoredResult;
  /** What it waits for. */
  pending: RunToolCall[];
  calls: UsageEntry[];
}

/** Lets a run wait for its caller: what it needs to go on is kept, no process has it. */
@Injectable()
export class RunPauser {
  constructor(
    private readonly store: RunPausesStore,
    @Inject(ENGINE_ID) private readonly engineId: string,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** null: the run waits, or has passed to another process; whoever listens was told. Otherwise why it can't wait: it ends by that. */
  async pause({ plan, handle, result, pending, calls }: Pause): Promise<ClavigerError | null> {
    const request = keptRow(askedFirst(plan.request, handle), [], handle.lastEvent + 1);
    if (plan.retention() !== 'full' || !request) return mayNotBeKept();
    const requiredAction: RequiredAction = {
      type: 'tool_outputs',
      toolCalls: pending.map(({ toolCallId, name, input }) => ({ toolCallId, name, input })),
      expiresAt: new Date(this.clock.now().getTime() + WAITS_MS).toISOString(),
    };
    const answer: AgentRunAnswer = { id: handle.id, status: 'requires_action', ...result, requiredAction };
    const { orgId, fence } = handle.facts;
    const paused = { answer, request, waitsMs: WAITS_MS, calls: plan.budget && calls };
    try {
      if (await this.store.pause(orgId, paused, { engineId: this.engineId, fence })) handle.wait(answer);
      else handle.pass();
      return null;
    } catch (error) {
      return asClavigerError(error);
    }
  }
}

/** What was asked at first: what was said since is in the result, and its steps are counted there. */
function askedFirst(request: CallRequest, { facts }: RunHandle): CallRequest {
  const { continued: _, ...agent } = request.agent;
  return { ...request, agent: { ...agent, maxSteps: agent.maxSteps + (facts.before?.steps.length ?? 0) } };
}

function mayNotBeKept(): ClavigerError {
  return new ClavigerError(
    'policy_violation',
    'The run called a tool of its caller’s, and a policy of this workspace does not let it be kept until the output is there. Leave out tools of type "client".',
  );
}
