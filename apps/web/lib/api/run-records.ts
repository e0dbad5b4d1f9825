import { agentRunsCancel, agentRunsCreate, agentRunsGet, agentRunsList, runPausesApprove } from './engine';
import { answer } from './http';
import { newNodeExecutionId } from './runs';
import type { AskedAgent, FetchedRun, RunAnswer, RunQuery } from './types';

const PAGE = 25;

/** One page of a workspace's runs, newest first. */
export function listRuns(workspaceId: string, query: RunQuery) {
  return answer(agentRunsList({ path: { workspaceId }, query: { ...query, limit: PAGE } }));
}

/** A run, with what it was asked where that is kept. */
export function getRun(workspaceId: string, id: string): Promise<FetchedRun> {
  return answer(agentRunsGet({ path: { workspaceId, id }, query: { include: 'request' } }));
}

export function cancelRun(workspaceId: string, id: string): Promise<RunAnswer> {
  return answer(agentRunsCancel({ path: { workspaceId, id } }));
}

/** What is said of a tool call that asks somebody first. */
export interface Word {
  approvalId: string;
  approve: boolean;
}

/** Gives one's word on a call that a paused run waits with; answers the run as it is then: it may wait for more. */
export function giveWord(workspaceId: string, id: string, { approvalId, approve }: Word): Promise<RunAnswer> {
  const headers = { Prefer: 'respond-async' as const };
  return answer(runPausesApprove({ path: { workspaceId, id, approvalId }, body: { approve }, headers }));
}

/** Asks the same once more, as a run of its own that nobody has to wait for. */
export function runAgain(workspaceId: string, agent: AskedAgent): Promise<RunAnswer> {
  const headers = { Prefer: 'respond-async' as const };
  const body = { nodeExecutionId: newNodeExecutionId(), agent };
  return answer(agentRunsCreate({ path: { workspaceId }, body, headers }));
}
