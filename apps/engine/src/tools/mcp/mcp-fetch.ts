import { originOf } from '#lib/catalog';
import { guardedFetch, type EgressGuard } from '#lib/egress';

/** The most that a server may say in one answer, and how long it may be silent. */
const MAX_RESPONSE_BYTES = 1024 * 1024;
const SILENCE_MS = 60_000;
/** A farewell is no reason to wait. */
const FAREWELL_MS = 2_000;
/** JSON-RPC 2.0 §5.1: of the range that is the implementation's. */
const BROKEN_OFF = -32_000;

export interface McpWay {
  guard: EgressGuard;
  orgId: string;
  beforeSend: Fence;
  /**
   * Lends what the Authorization header carries at this moment, null for a server that asks for nothing, and a fence that refuses it once
   * it was replaced; then `send` is called anew.
   */
  withSecret: <T>(send: (secret: string | null, still: Fence) => Promise<T>) => Promise<T>;
}

/** Asked right before bytes leave (see `GuardedFetchOptions.beforeSend`). */
type Fence = () => void | Promise<void>;

/**
 * The way to one MCP server: guarded, fenced, bounded, and to its own origin alone, which is the one that its secret was sealed for.
 * Redirects are errors. A stream that the server could talk on unasked is not opened.
 */
export function mcpFetch(url: string, { guard, orgId, beforeSend, withSecret }: McpWay): typeof fetch {
  const allowedOrigins = [originOf(url) ?? ''];
  const limits = { idleDeadlineMs: SILENCE_MS, maxResponseBytes: MAX_RESPONSE_BYTES };
  const way = { guard, orgId, allowedOrigins, ...limits };
  return async (input, init) => {
    const method = init?.method ?? 'GET';
    if (method === 'GET') return new Response(null, { status: 405 });
    const headerDeadlineMs = method === 'DELETE' ? FAREWELL_MS : SILENCE_MS;
    const response = await withSecret((secret, still) => {
      const headers = new Headers(init?.headers);
      if (secret !== null) headers.set('authorization', authorization(secret));
      // One after the other without waiting: a fence that is asked again must be able to answer at once.
      const send = guardedFetch({ ...way, headerDeadlineMs, beforeSend: () => beforeSend() ?? still() });
      return send(input, { ...init, headers });
    });
    const id = requestId(init?.body);
    return id === undefined || !isEventStream(response) ? response : withEnd(response, id);
  };
}

function isEventStream({ headers }: Response): boolean {
  return (headers.get('content-type') ?? '').startsWith('text/event-stream');
}

/** The id of the JSON-RPC request that is asked; undefined where no answer is due. */
function requestId(body: unknown): string | number | undefined {
  if (typeof body !== 'string') return undefined;
  const request: unknown = JSON.parse(body);
  if (typeof request !== 'object' || request === null || !('id' in request)) return undefined;
  return typeof request.id === 'string' || typeof request.id === 'number' ? request.id : undefined;
}

/**
 * The stream of an answer with an error of the request at its end. The client waits for an answer that a stream broke off before, or was
 * too long for, until its time is up; to an answer that came, a second one is nothing.
 */
function withEnd(response: Response, id: string | number): Response {
  const { body, status, headers } = response;
  if (!body) return response;
  const stream = ReadableStream.from(withError(body, id));
  return new Response(stream, { status, headers });
}

async function* withError(
  body: AsyncIterable<Uint8Array>,
  id: string | number,
): AsyncGenerator<Uint8Array, void> {
  let message = 'the server ended its answer before there was one';
  try {
    yield* body;
  } catch (error) {
    message = error instanceof Error ? error.message : 'the answer broke off';
  }
  const answer = JSON.stringify({ jsonrpc: '2.0', id, error: { code: BROKEN_OFF, message } });
  // Two line ends first: the server's own last event may be cut in its middle.
  yield new TextEncoder().encode(`\n\nevent: message\ndata: ${answer}\n\n`);
}

/** A secret that names its scheme (`Basic …`) is sent as it is; any other is a bearer token. */
function authorization(secret: string): string {
  return /^[A-Za-z][A-Za-z0-9-]* \S/.test(secret) ? secret : `Bearer ${secret}`;
}
