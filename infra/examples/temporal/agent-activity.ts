import { ClavigerError, type Agent, type AgentRun, type Claviger } from '@claviger/sdk';

/** What this needs of Temporal's activity context; `Context.current()` of `@temporalio/activity` has it. */
export interface ActivityContext {
  info: { workflowExecution: { workflowId: string; runId: string }; activityId: string };
  heartbeat(details?: unknown): void;
  cancellationSignal: AbortSignal;
}

const HEARTBEAT_MS = 2_000;

/**
 * An activity that runs an agent node. Its id is that of the activity, which stays the same over the attempts of Temporal: an attempt
 * after a crashed worker joins the run of the one before, and pays nothing twice. Cancelling the activity cancels the run; a worker that
 * dies does not, since the run was handed over (`start`).
 *
 *     export const runAgent = (agent: Agent) => agentActivity(claviger, agent, Context.current());
 */
export async function agentActivity(
  claviger: Claviger,
  agent: Agent,
  { info, heartbeat, cancellationSignal }: ActivityContext,
): Promise<AgentRun> {
  const { workflowId, runId } = info.workflowExecution;
  const nodeExecutionId = `${workflowId}/${runId}/${info.activityId}`;
  let beat: ReturnType<typeof setInterval> | undefined;
  let started: AgentRun | undefined;
  try {
    started = await claviger.runs.start({ nodeExecutionId, workflow: { id: workflowId }, agent });
    // Temporal tells of a cancellation in the answers to heartbeats: without them there is none.
    beat = setInterval(() => heartbeat({ runId: started?.id }), HEARTBEAT_MS);
    heartbeat({ runId: started.id });
    const run = await claviger.runs.wait(started.id, { signal: cancellationSignal });
    if (run.status === 'requires_action') throw waitsForCaller(run);
    return run;
  } catch (error) {
    if (cancellationSignal.aborted && started) await claviger.runs.cancel(started.id);
    throw isFinal(error) ? nonRetryable(error) : error;
  } finally {
    clearInterval(beat);
  }
}

/** A run that failed fails the same way under the same id, and what is wrong with a request stays wrong. */
function isFinal(error: unknown): error is ClavigerError {
  return error instanceof ClavigerError && (error.runId !== null || error.status < 429);
}

/** A pause is no answer. A workflow that brings outputs or approvals does so in an activity of its own: `submitToolOutputs`. */
function waitsForCaller({ id }: AgentRun): Error {
  return failure(`The run ${id} waits for its caller, and this activity brings nothing.`, 'requires_action');
}

/** With `@temporalio/activity`: `ApplicationFailure.nonRetryable(error.message, error.code, error.problem)`. */
function nonRetryable(error: ClavigerError): Error {
  return failure(error.message, error.code, error);
}

function failure(message: string, type: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), {
    name: 'ApplicationFailure',
    type,
    nonRetryable: true,
  });
}
