import { ConnectionError } from '../errors.js';
import { pause } from '../http/pause.js';
import { pauseBefore } from '../http/retry.js';
import type { Ask, Transport } from '../http/transport.js';
import { isRunEventType, type RunEvent, type RunEventData } from './events.js';
import { readFrames, type Frame } from './frames.js';

/** Three heartbeats of the engine: a connection that is quieter is dead. */
const QUIET_MS = 45_000;

export interface Following {
  /** The request whose answer is the stream; asked again as it is while no event has named the run. */
  first: Ask;
  /** Where the events of the run named are asked for. */
  eventsOf: (runId: string) => string;
  /** The number of the last event that the caller has. */
  after?: number;
  signal?: AbortSignal;
}

/**
 * Every event once and in order, up to the run's end, or until it waits for its caller. A connection that is lost in between is taken up
 * again with `Last-Event-ID`. Throws what refuses the run before it begins, and ConnectionError when no try brings anything new.
 */
export async function* follow(transport: Transport, following: Following): AsyncGenerator<RunEvent, void> {
  const { signal, after = 0 } = following;
  let last: Heard = { id: after };
  for (let tries = 0; ; tries += 1) {
    // Has tries of its own: those here are for streams that had begun.
    const response = await transport.open(askFor(following, last));
    let lost = new ConnectionError('The stream ended before the run did.');
    try {
      for await (const event of eventsIn(response)) {
        if (event.id <= last.id) continue;
        [last, tries] = [event, 0];
        yield event;
        if (event.type === 'run.finished' || event.type === 'run.failed') return;
      }
      if (isAllOf(last)) return;
    } catch (cause) {
      signal?.throwIfAborted();
      lost =
        cause instanceof ConnectionError
          ? cause
          : new ConnectionError('The stream was cut.', null, { cause });
    }
    const ms = pauseBefore(lost, tries, transport.rules);
    if (ms === null) throw lost;
    await pause(ms, signal);
  }
}

/** The last event that the caller has; of what it had before this call, the number alone. */
interface Heard {
  id: number;
  type?: RunEvent['type'];
  runId?: string;
}

/** Whether a stream that ended of itself ended with this: at a pause of the run, or because the caller had heard all of it before. */
function isAllOf({ id, type }: Heard): boolean {
  return type === 'run.requires_action' || (type === undefined && id > 0);
}

function askFor({ first, eventsOf, signal }: Following, last: Heard): Ask {
  const ask: Ask =
    last.runId === undefined
      ? first
      : { method: 'GET', path: eventsOf(last.runId), headers: { 'last-event-id': String(last.id) } };
  return {
    ...ask,
    headers: { ...ask.headers, accept: 'text/event-stream' },
    signal,
  };
}

async function* eventsIn({ body }: Response): AsyncGenerator<RunEvent, void> {
  if (!body) throw new ConnectionError('The answer has no body.');
  for await (const frame of readFrames(body, QUIET_MS)) {
    const event = eventOf(frame);
    if (event) yield event;
  }
}

/** null: an event that only a newer client knows. */
function eventOf({ id, event, data }: Frame): RunEvent | null {
  if (!isRunEventType(event)) return null;
  return typed(Number(id), event, JSON.parse(data) as Record<string, unknown>);
}

function typed<Type extends RunEvent['type']>(
  id: number,
  type: Type,
  said: Record<string, unknown>,
): RunEvent {
  const { runId, ...data } = said;
  // A problem names its run itself.
  const kept = type === 'run.failed' ? said : data;
  return { id, type, runId: String(runId), data: kept as RunEventData[Type] } as RunEvent;
}
