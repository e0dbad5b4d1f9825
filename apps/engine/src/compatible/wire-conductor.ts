import { Inject, Injectable } from '@nestjs/common';
import { SendState } from '#lib/egress';
import { ClavigerError } from '#lib/contracts';
import { asClavigerError } from '#lib/http';
import type { Clock } from '#lib/kernel';
import { KeyLeases } from '../keys/key-lease.js';
import { OpenRuns } from '../keys/open-runs.js';
import { NO_TOKENS } from '../pipeline/cost.js';
import { openStreams } from '../agent-runs/open-streams.js';
import type { RunHandle } from '../agent-runs/run-handle.js';
import { RunRecord } from '../pipeline/run-record.js';
import { CLOCK } from '../tokens.js';
import type { WireWork } from './call-work.js';
import { WireReceipts } from './wire-receipts.js';
import { WireSenders } from './wire-senders.js';

type NewWork = Pick<WireWork, 'operation' | 'asked' | 'plan' | 'client' | 'headers'>;

/** Lease → send → settle. Whatever happens, what was used is recorded; what went wrong is thrown for the client to be told. */
@Injectable()
export class WireConductor {
  constructor(
    private readonly leases: KeyLeases,
    private readonly openRuns: OpenRuns,
    private readonly senders: WireSenders,
    private readonly receipts: WireReceipts,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async conduct(given: NewWork, handle: RunHandle): Promise<void> {
    const { plan, client } = given;
    const { request, choice, check, state } = plan;
    const record = new RunRecord(choice.modelInfo.price, this.senders.tellerOf(given, handle.id));
    const work = { ...given, sink: handle, record, sent: new SendState(), noted: [], known: () => NO_TOKENS };
    const end = (error: ClavigerError): void => handle.abort(error);
    const watched = { orgId: request.caller.orgId, stateKey: request.stateKey, check, end };
    const unwatch = this.openRuns.add(watched, state.stampMs);
    const timer = setTimeout(() => end(tookTooLong(request.agent.timeoutMs)), request.agent.timeoutMs);
    const startedMs = this.clock.monotonicMs();
    client.onGone(() => end(clientLeft()));
    let error: ClavigerError | null = null;
    try {
      if (plan.content.judges.length > 0) await this.senders.judgeInput(work);
      const send = () =>
        this.leases.use(request.caller.orgId, choice.assignment, (credential) =>
          this.senders.send(Object.assign(work, { credential })),
        );
      await (given.asked.stream ? openStreams.during(send) : send());
    } catch (thrown) {
      error = asClavigerError(handle.abortedFor ?? thrown);
    } finally {
      clearTimeout(timer);
      plan.rates.end();
      unwatch();
    }
    await this.receipts.settle(work, handle, error, Math.round(this.clock.monotonicMs() - startedMs));
    if (error) throw error;
  }
}

function tookTooLong(timeoutMs: number): ClavigerError {
  return new ClavigerError(
    'upstream_timeout',
    `The call was not done within ${timeoutMs} ms. Ask for less at once.`,
  );
}

function clientLeft(): ClavigerError {
  return new ClavigerError('run_cancelled', 'The client closed the connection before the answer was over.');
}
