import { Inject, Injectable } from '@nestjs/common';
import type { SendState } from '#lib/egress';
import type { ClavigerError, RunServed, RunUsage } from '#lib/contracts';
import type { Clock } from '#lib/kernel';
import { Metrics } from '#lib/telemetry';
import { Meter } from '../metering/meter.js';
import type { CallOutcome } from '../metering/usage-entry.js';
import { CLOCK } from '../tokens.js';
import type { CallPlan } from './call-plan.js';
import { NO_TOKENS, usageOf, type TokenUse } from './cost.js';
import { estimatedTokens } from './estimate.js';
import type { RunRecord } from './run-record.js';

export interface Settlement {
  plan: CallPlan;
  runId: string;
  record: RunRecord;
  sent: SendState;
  error: ClavigerError | null;
  latencyMs: number;
}

/** Turns what a run did into receipts: one for each model call of which bytes left, the cut-off one included. */
@Injectable()
export class CallReceipts {
  constructor(
    private readonly meter: Meter,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  /** Records the run's calls and names the key that served. null when no byte was sent: no key served then. */
  settle(settlement: Settlement): RunServed | null {
    const { record, sent, plan, error } = settlement;
    const finished = [...record.steps];
    for (const step of finished) this.#record(settlement, step.usage, 'ok');
    const unreported = sent.requests > finished.length;
    const used = unreported ? unreportedTokens(settlement) : NO_TOKENS;
    record.cutOff(used);
    if (unreported) this.#record(settlement, usageOf(used, plan.choice.modelInfo.price), outcomeOf(error));
    if (!sent.bytesLeft) return null;
    const { assignment, provider, model } = plan.choice;
    const who = { aiProviderId: assignment.aiProviderId, provider: provider.slug, model };
    return { ...who, keyVersion: assignment.keyVersion, attempts: [attemptOf(settlement, who)] };
  }

  #record({ plan, runId }: Settlement, usage: RunUsage, outcome: CallOutcome): void {
    const { caller, userId, workflowId } = plan.request;
    const { assignment, provider, model } = plan.choice;
    const { inputTokens, outputTokens, cachedInputTokens, reasoningTokens, costMicroUsd } = usage;
    this.metrics.upstreamCall(provider.slug, outcome);
    this.meter.record({
      orgId: caller.orgId,
      runId,
      workspaceId: caller.workspaceId,
      aiProviderId: assignment.aiProviderId,
      keyVersion: assignment.keyVersion,
      provider: provider.slug,
      model,
      principalId: caller.actor,
      userId,
      workflowId,
      outcome,
      tokens: { inputTokens, outputTokens, cachedInputTokens, reasoningTokens },
      costMicroUsd,
      at: this.clock.now(),
    });
  }
}

/** A call that left and was cut off before its vendor reported is charged by estimate; one that was refused used nothing. */
function unreportedTokens({ plan, record, error }: Settlement): TokenUse {
  const received = record.openText ?? '';
  return received !== '' || isAbort(error) ? estimatedTokens(plan.request.agent, received) : NO_TOKENS;
}

function attemptOf(settlement: Settlement, who: { aiProviderId: string; provider: string; model: string }) {
  const { error, latencyMs, record } = settlement;
  const id = error?.extras?.['upstreamRequestId'] ?? record.upstreamRequestId;
  const failed = error !== null && error.code !== 'output_invalid';
  return {
    ...who,
    outcome: failed ? ('failed' as const) : ('ok' as const),
    code: failed ? error.code : null,
    upstreamRequestId: typeof id === 'string' ? id : null,
    latencyMs,
  };
}

function outcomeOf(error: ClavigerError | null): CallOutcome {
  if (error?.code === 'upstream_auth_failed') return 'refused';
  return isAbort(error) ? 'aborted' : 'failed';
}

/** Whether the run ended by our own hand, so that the upstream had (or may have) begun to answer. */
function isAbort(error: ClavigerError | null): boolean {
  return (
    error !== null &&
    !['upstream_auth_failed', 'upstream_error', 'rate_limited', 'egress_blocked'].includes(error.code)
  );
}
