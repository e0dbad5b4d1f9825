import {
  ClavigerError,
  type AgentRunAnswer,
  type ProblemDocument,
  type RetentionLevel,
  type RunStatus,
} from '#lib/contracts';
import { fromUuid } from '#lib/kernel';
import type { AgentSpec } from '../pipeline/agent-spec.js';
import { runProblem } from './run-problem.js';

/** What of an answer is stored in `result`; id, status and error have columns of their own. */
export type StoredResult = Omit<AgentRunAnswer, 'id' | 'status' | 'error' | 'retention' | 'contentKept'>;

/** A row of `agent_runs`, as far as it is read back. */
export interface RunRow {
  id: string;
  request_hash: Buffer;
  node_execution_id: string;
  workflow_id: string | null;
  status: RunStatus;
  result: StoredResult | null;
  error: ProblemDocument | null;
  retention: RetentionLevel;
  started_at: Date;
  finished_at: Date | null;
}

export const RUN_COLUMNS =
  'id, request_hash, node_execution_id, workflow_id, status, result, error, retention, started_at, finished_at';

/** The result of a run that has done nothing. */
export const NOTHING_YET: StoredResult = {
  text: '',
  output: null,
  steps: [],
  usage: {
    inputTokens: 0,
    outputTokens: 0,
    cachedInputTokens: 0,
    reasoningTokens: 0,
    totalTokens: 0,
    costMicroUsd: null,
  },
  served: null,
};

/** The answer of a run as its row has it; a run under way has an empty result. */
export function answerOf(row: RunRow): AgentRunAnswer {
  const answer: AgentRunAnswer = {
    id: fromUuid('run', row.id),
    status: row.status,
    ...(row.result ?? NOTHING_YET),
    ...(row.retention !== 'full' && { retention: row.retention }),
    ...(row.retention !== 'full' && isFinal(row.status) && { contentKept: false }),
  };
  const error = row.error ?? unwritten(row.status, answer.id);
  return error ? { ...answer, error } : answer;
}

/** A run that is looked at by its id. */
export interface FetchedRun extends AgentRunAnswer {
  /** What it was asked, ready to be asked again, where it was asked for; null: that is not kept. */
  request?: AgentSpec | null;
}

/** A run as a list shows it: its answer, whose it was and when. */
export interface ListedRun extends AgentRunAnswer {
  nodeExecutionId: string;
  workflowId: string | null;
  /** RFC 3339 */
  startedAt: string;
  finishedAt: string | null;
}

export function listedRun(row: RunRow): ListedRun {
  return {
    ...answerOf(row),
    nodeExecutionId: row.node_execution_id,
    workflowId: row.workflow_id,
    startedAt: row.started_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}

/** The problem of a run that ended while no process had it: nobody was there to write one. */
function unwritten(status: RunStatus, runId: string): ProblemDocument | null {
  if (status === 'outcome_unknown') return lost(runId);
  if (status !== 'cancelled') return null;
  const error = new ClavigerError('run_cancelled', 'The run was cancelled on request, while it waited.');
  return runProblem(error, runId, '', '');
}

function lost(runId: string): ProblemDocument {
  const error = new ClavigerError(
    'outcome_unknown',
    'The engine process that had this run ended before it was done. The provider may have acted on it: look there, or start it again under another nodeExecutionId.',
  );
  return runProblem(error, runId, '', '');
}

/** Whether a run of this status has come to its end for good. */
export function isFinal(status: RunStatus): boolean {
  return isOver(status) && status !== 'requires_action';
}

/** Whether nothing will happen to a run of this status by itself any more. */
export function isOver(status: RunStatus): boolean {
  switch (status) {
    case 'queued':
    case 'running':
      return false;
    case 'requires_action':
    case 'succeeded':
    case 'failed':
    case 'cancelled':
    case 'outcome_unknown':
      return true;
  }
}
