import type { AgentRunAnswer, ProblemDocument, RetentionLevel, RunStatus } from '#lib/contracts';
import { retainable } from '#lib/limits';
import type { StoredResult } from './run-row.js';

/** The end of a run as its row keeps it. */
export interface KeptRun {
  id: string;
  status: RunStatus;
  /** null: nothing of it is kept. */
  result: StoredResult | null;
  error: ProblemDocument | null;
  retention: RetentionLevel;
}

/** What of an answer is stored, by the policies that cover the run (PRODUCT #48). */
export function keptRun(answer: AgentRunAnswer, level: RetentionLevel): KeptRun {
  const { id, status, error = null, retention: _, ...result } = answer;
  return { id, status, ...retainable({ result, error }, level), retention: level };
}
