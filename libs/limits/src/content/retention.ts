import type { AgentRunAnswer, ProblemDocument, RunStep } from '#lib/contracts';

/** How much of a call's content is kept: all, only what describes it, or nothing (PRODUCT #48). From lax to strict. */
export const RETENTION_LEVELS = ['full', 'metadata', 'none'] as const;
export type RetentionLevel = (typeof RETENTION_LEVELS)[number];

/** The strictest of the levels that cover a call; `full` when no policy says anything. */
export function strictestRetention(levels: readonly RetentionLevel[]): RetentionLevel {
  return RETENTION_LEVELS.findLast((level) => levels.includes(level)) ?? 'full';
}

/** What the row of a run keeps in `result` and `error`. What it was asked is kept beside them, at `full` alone (ADR 0044). */
export interface RetainableRun {
  result: Pick<
    AgentRunAnswer,
    'text' | 'output' | 'steps' | 'usage' | 'served' | 'stopReason' | 'requiredAction'
  >;
  error: ProblemDocument | null;
}

/**
 * What of a run may be stored.
 * - `full`: all of it.
 * - `metadata`: steps with the names and ids of tool calls, use, cost, which key served; no text, output, tool input or output, and of
 *   an error what Claviger itself says, not what was quoted.
 * - `none`: nothing but an error's code. Receipts, statistics and the audit log hold no content and stay as they are.
 */
export function retainable(
  run: RetainableRun,
  level: RetentionLevel,
): RetainableRun | { result: null; error: ProblemDocument | null } {
  switch (level) {
    case 'full':
      return run;
    case 'metadata':
      return { result: described(run.result), error: run.error && bare(run.error) };
    case 'none':
      return { result: null, error: run.error && bare(run.error) };
  }
}

function described({ steps, usage, served, stopReason }: RetainableRun['result']): RetainableRun['result'] {
  const told = { text: '', output: null, steps: steps.map(describedStep), usage, served };
  return { ...told, ...(stopReason && { stopReason }) };
}

function describedStep({ step, toolCalls, finishReason, usage }: RunStep): RunStep {
  const calls = toolCalls.map(({ toolCallId, name, error }) => ({
    toolCallId,
    name,
    input: null,
    output: null,
    error: error === null ? null : NOT_KEPT,
  }));
  return { step, text: '', toolCalls: calls, finishReason, usage };
}

const NOT_KEPT = 'Not kept: a policy of this organization keeps no content of calls.';

/** Members are taken by name: whatever else a problem carries may quote the call (an invalid output, a vendor's message). */
function bare({ type, title, status, code, instance, requestId, runId }: ProblemDocument): ProblemDocument {
  const own = { type, title, status, code, instance, requestId, detail: NOT_KEPT };
  return typeof runId === 'string' ? { ...own, runId } : own;
}
