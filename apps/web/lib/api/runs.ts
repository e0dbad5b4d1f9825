import { readEvents } from '../sse';
import { currentCsrfToken } from './http';
import { toProblem } from './problem';
import type { Agent, RunAnswer, ToolOutput } from './types';

/** What the stream of a run tells, in the order in which it happens. */
export type RunEvent =
  | { type: 'delta'; text: string }
  | { type: 'tool'; call: ToolEvent }
  | { type: 'retry'; inSeconds: number; reason: string }
  /** It waits for outputs of the caller's own tools; it goes on after the event of this id. */
  | { type: 'paused'; answer: RunAnswer; lastEventId: string | undefined }
  | { type: 'finished'; answer: RunAnswer };

/** An id of a node execution that nobody else has. */
export function newNodeExecutionId(): string {
  return `try-${random()}`;
}

function random(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

/** The members of the events' data that are read here. */
interface EventData {
  delta?: string;
  inSeconds?: number;
  reason?: string;
  status?: unknown;
}

/** A tool was called, or gave something: two events of one `toolCallId`. */
export interface ToolEvent {
  toolCallId: string;
  name?: string;
  input?: unknown;
  output?: unknown;
  error?: string | null;
}

/**
 * Runs the node once in a workspace and yields what happens. Throws a Problem for a refusal, for a run that failed, and
 * for a stream that ends without saying how.
 */
export function streamRun(workspaceId: string, agent: Agent, signal: AbortSignal): AsyncGenerator<RunEvent> {
  const body = { nodeExecutionId: newNodeExecutionId(), agent };
  return streamed(`${workspaceId}/agent-runs`, body, {}, signal);
}

/** Brings a paused run what it waits for, and yields what happens from there on. Throws as `streamRun` does. */
export function resumeRun(
  workspaceId: string,
  paused: { runId: string; lastEventId: string | undefined },
  outputs: ToolOutput[],
  signal: AbortSignal,
): AsyncGenerator<RunEvent> {
  const headers: Record<string, string> = {};
  if (paused.lastEventId !== undefined) headers['last-event-id'] = paused.lastEventId;
  return streamed(`${workspaceId}/agent-runs/${paused.runId}/tool-outputs`, { outputs }, headers, signal);
}

async function* streamed(
  path: string,
  posted: object,
  headers: Record<string, string>,
  signal: AbortSignal,
): AsyncGenerator<RunEvent> {
  const response = await fetch(`/engine/internal/v1/workspaces/${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      'x-csrf-token': currentCsrfToken() ?? '',
      ...headers,
    },
    body: JSON.stringify(posted),
    credentials: 'same-origin',
    signal,
  });
  if (!response.ok || !response.body) throw toProblem(await response.json().catch(() => null), response);
  for await (const { event, data, id } of readEvents(response.body)) {
    const body = JSON.parse(data) as EventData;
    switch (event) {
      case 'text.delta':
        yield { type: 'delta', text: body.delta ?? '' };
        break;
      case 'tool.call':
      case 'tool.result':
        yield { type: 'tool', call: JSON.parse(data) as ToolEvent };
        break;
      case 'run.retrying':
        yield {
          type: 'retry',
          inSeconds: body.inSeconds ?? 0,
          reason: body.reason ?? `retrying in ${body.inSeconds ?? 0} s`,
        };
        break;
      case 'run.requires_action':
        yield { type: 'paused', answer: JSON.parse(data) as RunAnswer, lastEventId: id };
        return;
      case 'run.finished':
        yield { type: 'finished', answer: JSON.parse(data) as RunAnswer };
        return;
      case 'run.failed':
        throw toProblem(body, { status: Number(body.status), headers: response.headers });
      default:
        break;
    }
  }
  throw toProblem(
    {
      title: 'The stream broke off',
      code: 'upstream_error',
      detail: 'The connection ended before the run did. What arrived is kept; try again.',
    },
    { status: 502, headers: response.headers },
  );
}
