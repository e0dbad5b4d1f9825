import type { RetentionLevel } from '#lib/contracts';
import type { CallPlan } from '../pipeline/call-plan.js';
import { askedOf } from './asked.js';
import type { StartRun } from './start-run.js';

/** A run that is about to start, or to wait for its turn. */
export interface NewRun {
  id: string;
  workspaceId: string;
  nodeExecutionId: string;
  requestHash: Buffer;
  principalId: string;
  userId: string | null;
  workflowId: string | null;
  workflowVersion: string | null;
  /** null: whichever process claims it. */
  engineId: string | null;
  /** What the call names, for whoever judges by new rules what it would have been. */
  tools: readonly { kind: string; name: string | null }[] | null;
  surface: string | null;
  maxOutputTokens: number | null;
  retention: RetentionLevel;
  /** `whk_…` that is told of its end. */
  callbackId: string | null;
  /** JSON of what it is asked; null: that is not kept. */
  asked: string | null;
}

/** The row of a run of this call. */
export function newRunOf(
  { request, facts }: Pick<CallPlan, 'request' | 'facts'>,
  start: StartRun,
  own: Pick<NewRun, 'id' | 'engineId' | 'retention'>,
): NewRun {
  const { caller, userId, workflowId } = request;
  return {
    ...own,
    workspaceId: caller.workspaceId,
    nodeExecutionId: start.nodeExecutionId,
    requestHash: start.requestHash,
    principalId: caller.actor,
    userId,
    workflowId,
    workflowVersion: start.workflowVersion,
    tools: own.retention === 'none' ? null : (facts.tools ?? []),
    surface: facts.surface ?? null,
    maxOutputTokens: facts.maxOutputTokens ?? null,
    callbackId: start.callbackId ?? null,
    asked: askedOf(request.agent, own.retention),
  };
}
