import { Inject, Injectable } from '@nestjs/common';
import { SendState } from '#lib/egress';
import { ClavigerError, type AgentRunAnswer, type SealedCredential } from '#lib/contracts';
import { asClavigerError } from '#lib/http';
import type { Clock } from '#lib/kernel';
import { KeyLeases } from '../keys/key-lease.js';
import { OpenRuns } from '../keys/open-runs.js';
import { CLOCK } from '../tokens.js';
import type { CallPlan } from './call-plan.js';
import { CallReceipts } from './call-receipts.js';
import { ModelLoop } from './model-loop.js';
import { RunRecord } from './run-record.js';
import type { RunSink } from './run-sink.js';

/** What came of a run: an answer without the members that its row adds. */
export type CallResult = Pick<AgentRunAnswer, 'text' | 'output' | 'steps' | 'usage' | 'served'> & {
  error: ClavigerError | null;
};

/** Lease → call → settle. Never rejects: whatever happens, what was received is kept and what was used is recorded. */
@Injectable()
export class CallExecution {
  constructor(
    private readonly leases: KeyLeases,
    private readonly loop: ModelLoop,
    private readonly openRuns: OpenRuns,
    private readonly receipts: CallReceipts,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute(plan: CallPlan, sink: RunSink): Promise<CallResult> {
    const { request, choice, state, check } = plan;
    const record = new RunRecord(choice.modelInfo.price);
    const sent = new SendState();
    const startedMs = this.clock.monotonicMs();
    const end = (error: ClavigerError): void => sink.abort(error);
    const unwatch = this.openRuns.add(
      { orgId: request.caller.orgId, stateKey: request.stateKey, check, end },
      state.stampMs,
    );
    const timer = setTimeout(() => sink.abort(tookTooLong(request.agent.timeoutMs)), request.agent.timeoutMs);
    let output: unknown = null;
    let error: ClavigerError | null = null;
    try {
      const call = (credential: SealedCredential): Promise<unknown> =>
        this.loop.run({ plan, sink, record, sent, credential });
      output = await this.leases.use(request.caller.orgId, choice.assignment, call);
    } catch (thrown) {
      error = asClavigerError(sink.signal.aborted ? sink.signal.reason : thrown);
    } finally {
      clearTimeout(timer);
      unwatch();
    }
    const latencyMs = Math.round(this.clock.monotonicMs() - startedMs);
    const served = this.receipts.settle({ plan, runId: sink.id, record, sent, error, latencyMs });
    return { text: record.text, output, steps: record.steps, usage: record.usage, served, error };
  }
}

function tookTooLong(timeoutMs: number): ClavigerError {
  return new ClavigerError(
    'upstream_timeout',
    `The run was not done within its ${timeoutMs} ms. Raise timeoutMs, or ask for less at once.`,
  );
}
