import { Inject, Injectable } from '@nestjs/common';
import type { SendState } from '#lib/egress';
import type { ClavigerError, RunAttempt, RunUsage } from '#lib/contracts';
import type { Clock } from '#lib/kernel';
import { failureClassOf } from '#lib/providers';
import { Metrics } from '#lib/telemetry';
import { Meter } from '../metering/meter.js';
import type { CallOutcome, UsageEntry } from '../metering/usage-entry.js';
import { CLOCK } from '../tokens.js';
import type { CallPlan } from './call-plan.js';
import { NO_TOKENS, usageOf, type TokenUse } from './cost.js';
import type { Choice } from './decide.js';
import { estimatedTokens } from './estimate.js';
import type { RunRecord } from './run-record.js';

/** What a call is made for: the run itself, or the judge of a policy. */
export type CallPurpose = 'call' | 'judge';

export interface Settlement {
  plan: Pick<CallPlan, 'request' | 'choice' | 'retention'>;
  purpose: CallPurpose;
  runId: string;
  record: RunRecord;
  sent: SendState;
  error: ClavigerError | null;
  latencyMs: number;
  /** Whether its receipts are written with what was taken for it; else the meter writes them. */
  isWritten: boolean;
  /** What is known of a call that its vendor did not report; an estimate by the agent unless told. */
  unreported?: TokenUse;
  /** No row was made of the run before it was sent. */
  isUnbegun?: boolean;
}

/** Turns what a run did into receipts: one for each model call of which bytes left, the cut-off one included. */
@Injectable()
export class CallReceipts {
  constructor(
    private readonly meter: Meter,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  /** The calls of one attempt, recorded, and what is told of it. */
  settle(settlement: Settlement): { attempt: RunAttempt; calls: UsageEntry[] } {
    const { record, sent, plan, error } = settlement;
    const finished = [...record.steps];
    record.callsEnd(error?.code ?? 'cut_off');
    const seconds = record.callSeconds;
    const calls = finished.map(({ usage }, at) => this.#record(settlement, usage, 'ok', seconds[at]));
    const unreported = sent.worked > finished.length;
    const used = unreported ? unreportedTokens(settlement) : NO_TOKENS;
    record.cutOff(used);
    const cutOff = usageOf(used, plan.choice.modelInfo.price);
    if (unreported) calls.push(this.#record(settlement, cutOff, outcomeOf(error), seconds[finished.length]));
    return { attempt: attemptOf(settlement), calls };
  }

  #record(
    { plan, runId, error, purpose, isWritten, isUnbegun }: Settlement,
    usage: RunUsage,
    outcome: CallOutcome,
    seconds: number | undefined,
  ): UsageEntry {
    const { caller, userId, workflowId } = plan.request;
    const { assignment, provider, model, modelInfo } = plan.choice;
    const { inputTokens, outputTokens, cachedInputTokens, reasoningTokens, costMicroUsd } = usage;
    this.metrics.upstreamCall(provider.slug, outcome, seconds);
    const entry: UsageEntry = {
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
      purpose,
      outcome,
      tokens: { inputTokens, outputTokens, cachedInputTokens, reasoningTokens },
      costMicroUsd,
      price: modelInfo.price,
      unbegun: isUnbegun ? { retention: plan.retention() } : undefined,
      isWritten,
      fault:
        outcome === 'ok' || !error
          ? null
          : { code: error.code, message: plan.retention() === 'full' ? error.message : null },
      at: this.clock.now(),
    };
    this.meter.record(entry);
    return entry;
  }
}

/** A call that left and was cut off before its vendor reported is charged by estimate; one that was refused used nothing. */
function unreportedTokens({ plan, record, error, unreported }: Settlement): TokenUse {
  const received = record.openReceived + (unreported?.outputTokens ?? 0);
  if (received === 0 && !isAbort(error)) return NO_TOKENS;
  return unreported ?? estimatedTokens(plan.request.agent, received);
}

function attemptOf({ plan, error, latencyMs, record }: Settlement): RunAttempt {
  const id = error?.extras?.['upstreamRequestId'] ?? record.upstreamRequestId;
  const failed = error !== null && error.code !== 'output_invalid';
  return {
    ...targetOf(plan.choice),
    outcome: failed ? 'failed' : 'ok',
    code: failed ? error.code : null,
    reason: failed ? (failureClassOf(error) ?? 'ended') : null,
    upstreamRequestId: typeof id === 'string' ? id : null,
    latencyMs,
  };
}

/** A choice as attempts name it. */
export function targetOf({ assignment, provider, model }: Choice) {
  return { aiProviderId: assignment.aiProviderId, provider: provider.slug, model };
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
