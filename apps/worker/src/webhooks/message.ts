import type { DueMessage, RunOfMessage } from '#lib/persistence';

/** A body is never longer than this, in bytes: what a run said is left out of it before that, and read by `GET agent-runs/:id`. */
const MOST_CONTENT_BYTES = 256 * 1024;

/** The status that a run had when it happened. */
const STATUS: Record<string, string> = {
  'run.finished': 'succeeded',
  'run.failed': 'failed',
  'run.cancelled': 'cancelled',
  'run.requires_action': 'requires_action',
  'run.outcome_unknown': 'outcome_unknown',
};

/** The body of a message (Standard Webhooks: `{type, timestamp, data}`), the same for each attempt unless its run has gone on since. */
export function bodyOf({ type, occurredAt, ids, run }: DueMessage): string {
  const data = STATUS[type] === undefined ? ids : { ...ids, status: STATUS[type], ...factsOf(type, run) };
  return JSON.stringify({ type, timestamp: occurredAt.toISOString(), data });
}

/** Whether the message says more than a policy lets be kept anywhere: what its receiver echoes is then not kept either. */
export function mayKeepEchoOf({ run }: DueMessage): boolean {
  return run === null || run.retention === 'full';
}

function factsOf(type: string, run: RunOfMessage | null): Record<string, unknown> {
  if (!run) return {};
  const { node_execution_id, workflow_id, workflow_version, retention, started_at, finished_at } = run;
  return {
    nodeExecutionId: node_execution_id,
    workflow: workflow_id === null ? null : { id: workflow_id, version: workflow_version },
    ...(retention !== 'full' && { retention }),
    startedAt: started_at.toISOString(),
    finishedAt: finished_at?.toISOString() ?? null,
    // A run that was waiting and went on is another than the one that this tells of.
    ...(run.status === STATUS[type] && answerOf(run)),
  };
}

/** What is kept of the answer, by the retention policies that covered the run (PRODUCT #48). */
function answerOf({ result, error, retention }: RunOfMessage): Record<string, unknown> {
  const { usage, served, stopReason, text, output, requiredAction } = result ?? {};
  const facts = { usage, served, ...(stopReason !== undefined && { stopReason }) };
  const content = { text, output, ...(requiredAction !== undefined && { requiredAction }) };
  const isShort = Buffer.byteLength(JSON.stringify(content)) <= MOST_CONTENT_BYTES;
  return {
    ...(error && { error: { code: error['code'], detail: error['detail'] } }),
    ...(retention !== 'none' && result && facts),
    ...(retention === 'full' && result && (isShort ? content : { contentOmitted: true })),
  };
}
