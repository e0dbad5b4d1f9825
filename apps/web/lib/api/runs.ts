import { readEvents } from '../sse';
import { currentCsrfToken } from './http';
import { toProblem } from './problem';
import type { Agent, RunAnswer, ToolOutput } from './types';

/** What the stream of a run tells, in the order in which it happens. */
export type RunEvent =
  | { type: 'delta'; text: string }
  | { type: 'tool'; call: ToolEvent }
  | { type: 'retry'; inSeconds: number; reason: string }
  /** It waits for somebody; it goes on after the event of this id. */
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
  return streamed(`${workspaceId}/agent-runs`, posted(body), signal);
}

/** Where a run that waits stands: it goes on after the event of this id. */
export interface PausedAt {
  runId: string;
  lastEventId: string | undefined;
}

/** Brings a paused run what it waits for, and yields what happens from there on. Throws as `streamRun` does. */
export function resumeRun(
  workspaceId: string,
  paused: PausedAt,
  outputs: ToolOutput[],
  signal: AbortSignal,
): AsyncGenerator<RunEvent> {
  const path = `${workspaceId}/agent-runs/${paused.runId}/tool-outputs`;
  return streamed(path, posted({ outputs }, after(paused)), signal);
}

/** Yields what happens to a run from where it waited. Throws as `streamRun` does. */
export function followRun(
  workspaceId: string,
  paused: PausedAt,
  signal: AbortSignal,
): AsyncGenerator<RunEvent> {
  const path = `${workspaceId}/agent-runs/${paused.runId}/events`;
  return streamed(path, { method: 'GET', headers: after(paused) }, signal);
}

function after({ lastEventId }: PausedAt): Record<string, string> {
  return lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
}

interface Sent {
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: string;
}

function posted(body: object, headers: Record<string, string> = {}): Sent {
  const csrf = { 'content-type': 'application/json', 'x-csrf-token': currentCsrfToken() ?? '' };
  return { method: 'POST', headers: { ...csrf, ...headers }, body: JSON.stringify(body) };
}

async function* streamed(path: string, sent: Sent, signal: AbortSignal): AsyncGenerator<RunEvent> {
  const response = await fetch(`/engine/internal/v1/workspaces/${path}`, {
    ...sent,
    headers: { accept: 'text/event-stream', ...sent.headers },
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
