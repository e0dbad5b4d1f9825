import { readEvents } from '../sse';
import { currentCsrfToken } from './http';
import { toProblem } from './problem';
import type { RunAnswer } from './types';

/** The Agent node as the editor sends it. */
export interface Agent {
  model?: string;
  provider?: string;
  system?: string;
  prompt: string;
  maxOutputTokens?: number;
  temperature?: number;
  tools?: unknown[];
}

/** What the stream of a run tells, in the order in which it happens. */
export type RunEvent =
  | { type: 'delta'; text: string }
  | { type: 'tool'; name: string; detail: string }
  | { type: 'retry'; inSeconds: number; reason: string }
  | { type: 'finished'; answer: RunAnswer };

function random(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

/** The members of the events' data that are read here. */
interface EventData {
  delta?: string;
  name?: string;
  toolCallId?: string;
  input?: unknown;
  output?: unknown;
  error?: unknown;
  inSeconds?: number;
  reason?: string;
  status?: unknown;
}

function toolEvent(event: string, data: EventData): RunEvent {
  const shown = event === 'tool.call' ? data.input : (data.error ?? data.output);
  const arrow = event === 'tool.call' ? '→' : '←';
  return {
    type: 'tool',
    name: data.name ?? data.toolCallId ?? 'tool',
    detail: `${arrow} ${JSON.stringify(shown ?? null)}`,
  };
}

/**
 * Runs the node once in a workspace and yields what happens. Throws a Problem for a refusal, for a run that failed, and
 * for a stream that ends without saying how.
 */
export async function* streamRun(
  workspaceId: string,
  agent: Agent,
  signal: AbortSignal,
): AsyncGenerator<RunEvent> {
  const response = await fetch(`/engine/internal/v1/workspaces/${workspaceId}/agent-runs`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      'x-csrf-token': currentCsrfToken() ?? '',
    },
    body: JSON.stringify({ nodeExecutionId: `try-${random()}`, agent }),
    credentials: 'same-origin',
    signal,
  });
  if (!response.ok || !response.body) throw toProblem(await response.json().catch(() => null), response);
  for await (const { event, data } of readEvents(response.body)) {
    const body = JSON.parse(data) as EventData;
    switch (event) {
      case 'text.delta':
        yield { type: 'delta', text: body.delta ?? '' };
        break;
      case 'tool.call':
      case 'tool.result':
        yield toolEvent(event, body);
        break;
      case 'run.retrying':
        yield {
          type: 'retry',
          inSeconds: body.inSeconds ?? 0,
          reason: body.reason ?? `retrying in ${body.inSeconds ?? 0} s`,
        };
        break;
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
