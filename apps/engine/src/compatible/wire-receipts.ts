import { Inject, Injectable } from '@nestjs/common';
import type { ClavigerError } from '#lib/contracts';
import type { Clock } from '#lib/kernel';
import { RunReceipts } from '../agent-runs/run-receipts.js';
import type { RunHandle } from '../agent-runs/run-handle.js';
import { Meter } from '../metering/meter.js';
import type { CallRequest } from '../pipeline/call-plan.js';
import type { WirePlan } from './preparation.js';
import { CallReceipts, targetOf } from '../pipeline/call-receipts.js';
import { CLOCK } from '../tokens.js';
import type { WireWork } from './call-work.js';
import { answerOf, isAsked, WireLedger } from './wire-ledger.js';

/** What is written down of a relayed call: its receipt, its line in the audit chain, what it broke. */
@Injectable()
export class WireReceipts {
  constructor(
    private readonly calls: CallReceipts,
    private readonly runs: RunReceipts,
    private readonly meter: Meter,
    private readonly ledger: WireLedger,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** A call that was refused before it began. Throws `overloaded` where a policy's refusal cannot be put on record. */
  refused(request: CallRequest, refusal: unknown): Promise<void> {
    return this.runs.refused(request, refusal);
  }

  begun(plan: WirePlan, runId: string): void {
    this.runs.begun(plan, runId);
  }

  async settle(
    work: Omit<WireWork, 'credential'>,
    handle: RunHandle,
    error: ClavigerError | null,
    latencyMs: number,
  ): Promise<void> {
    const { plan, record, sent, noted, operation } = work;
    const ended = this.runs.ended(plan, handle.id, { error, noted });
    if (error?.code === 'policy_violation') await ended;
    // A count of tokens is no call of a model: it costs nothing.
    const how = {
      plan,
      purpose: 'call' as const,
      runId: handle.id,
      record,
      sent,
      error,
      latencyMs,
      isUnbegun: !isAsked(plan),
      isWritten: Boolean(plan.budget),
    };
    const settled = operation.isMetered ? this.calls.settle({ ...how, unreported: work.known() }) : null;
    const { keyVersion } = plan.choice.assignment;
    const served =
      settled && sent.bytesLeft
        ? { ...targetOf(plan.choice), keyVersion, attempts: [settled.attempt] }
        : null;
    const answer = answerOf(plan, handle.id, { usage: record.usage, served }, error);
    if (operation.isMetered) this.#receipt(plan, answer);
    await this.ledger.finish(plan, handle, answer, settled?.calls ?? []);
  }

  #receipt(plan: WirePlan, answer: ReturnType<typeof answerOf>): void {
    const { caller, requestId } = plan.request;
    this.meter.receipt({
      orgId: caller.orgId,
      runId: answer.id,
      principalId: caller.actor,
      workspaceId: caller.workspaceId,
      status: answer.status,
      code: answer.error?.code ?? null,
      aiProviderId: answer.served?.aiProviderId ?? null,
      keyVersion: answer.served?.keyVersion ?? null,
      requestId,
      at: this.clock.now(),
    });
  }
}
