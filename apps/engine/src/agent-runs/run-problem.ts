import { ClavigerError, type AgentRunAnswer, type ProblemDocument, type RunStatus } from '#lib/contracts';
import { problemFor } from '#lib/http';

const STANDARD = new Set(['type', 'title', 'status', 'detail', 'instance', 'code', 'requestId', 'errors']);

/** The problem that is stored with a failed run and sent as `run.failed`. */
export function runProblem(
  error: ClavigerError,
  runId: string,
  requestId: string,
  instance: string,
): ProblemDocument {
  const { body, status } = problemFor(error, requestId, instance);
  const detail = error.code === 'internal' ? '' : error.message;
  const { code } = error;
  return {
    ...body,
    type: String(body['type']),
    title: String(body['title']),
    status,
    detail,
    instance,
    code,
    requestId,
    runId,
  };
}

/** The status that a run ends with for this reason. */
export function statusFor(error: ClavigerError): RunStatus {
  if (error.code === 'run_cancelled') return 'cancelled';
  return error.code === 'outcome_unknown' ? 'outcome_unknown' : 'failed';
}

/** The stored problem of a failed run as an error of the request that asks now. */
export function errorOfRun(answer: AgentRunAnswer): ClavigerError {
  const problem = answer.error;
  if (!problem) {
    return new ClavigerError(
      'outcome_unknown',
      'The run ended without an answer. Start it again under another nodeExecutionId.',
      { extras: { runId: answer.id } },
    );
  }
  const extras = Object.fromEntries(Object.entries(problem).filter(([name]) => !STANDARD.has(name)));
  const kept = problem.code === 'output_invalid' ? { text: answer.text } : {};
  return new ClavigerError(problem.code, problem.detail, {
    errors: problem.errors,
    extras: { ...extras, ...kept, runId: answer.id },
  });
}
