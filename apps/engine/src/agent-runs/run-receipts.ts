import { Inject, Injectable } from '@nestjs/common';
import type { AgentRunAnswer, PolicyRefusal } from '#lib/contracts';
import type { Clock } from '#lib/kernel';
import { LOGGER, type Logger } from '#lib/telemetry';
import { Meter } from '../metering/meter.js';
import type { CallPlan } from '../pipeline/call-plan.js';
import type { CallResult } from '../pipeline/execute.js';
import { PolicyViolation } from '../policies/policy-violation.js';
import { ViolationLog } from '../policies/violation-log.js';
import { violationOf, type RecordedCall } from '../policies/violation.js';
import { CLOCK } from '../tokens.js';

/** What is written down of runs beside their rows: receipts for the audit chain, and which policies they broke. */
@Injectable()
export class RunReceipts {
  constructor(
    private readonly meter: Meter,
    private readonly violations: ViolationLog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** A call that was not begun. Where a policy refused it, this is on record before anybody hears of it; throws `overloaded`. */
  async refused(request: RecordedCall, refusal: unknown, runId: string | null = null): Promise<void> {
    if (!(refusal instanceof PolicyViolation)) return;
    await this.violations.block(violationOf(refusal.broken, request, runId, this.clock.now(), true));
  }

  begun(plan: { request: RecordedCall; noted: readonly PolicyRefusal[] }, runId: string): void {
    this.#note(plan, runId, plan.noted);
  }

  /** A run that a policy ended keeps its refusal in its own row as well: where the record fails now, it is written later. */
  async ended(
    plan: CallPlan,
    runId: string,
    { error, noted }: Pick<CallResult, 'error' | 'noted'>,
  ): Promise<void> {
    this.#note(plan, runId, noted);
    if (!(error instanceof PolicyViolation)) return;
    const violation = violationOf(error.broken, plan.request, runId, this.clock.now(), true);
    try {
      await this.violations.block(violation);
    } catch (failure) {
      this.log.error({ runId, err: failure }, 'the record of a policy that ended a run could not be written');
      this.violations.note([violation]);
    }
  }

  #note({ request }: { request: RecordedCall }, runId: string, noted: readonly PolicyRefusal[]): void {
    const at = this.clock.now();
    this.violations.note(noted.map((broken) => violationOf(broken, request, runId, at, false)));
  }

  receipt(plan: { request: RecordedCall }, answer: AgentRunAnswer): void {
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
