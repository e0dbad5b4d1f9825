/** Headers of the browser that a plane needs; everything else stays here. */
const FORWARDED_REQUEST_HEADERS = [
  'accept',
  'accept-language',
  'authorization',
  'content-type',
  'cookie',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'last-event-id',
  'origin',
  'prefer',
  'referer',
  'sec-fetch-site',
  'traceparent',
  'user-agent',
  'x-csrf-token',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-request-id',
];

/** Holds the address of the socket's other end; written by instrumentation.ts, whatever a caller sent under this name. */
export const PEER_HEADER = 'x-claviger-peer';

/** Hop-by-hop headers, and what no longer holds once the body has been decoded. */
const DROPPED_RESPONSE_HEADERS = [
  'connection',
  'content-encoding',
  'content-length',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
];

const NAMES = { api: 'The control plane (api)', engine: 'The execution plane (engine)' };

/**
 * The headers that go on to a plane: an allow-list, plus the host and scheme as the browser saw them, and the chain of
 * addresses with this process' own peer at its end: what stands before it is only as good as that peer's word.
 */
export function requestHeaders(incoming: Headers, url: URL): Headers {
  const headers = new Headers();
  for (const name of FORWARDED_REQUEST_HEADERS) {
    const value = incoming.get(name);
    if (value !== null) headers.set(name, value);
  }
  const chain = [incoming.get('x-forwarded-for'), incoming.get(PEER_HEADER)].filter((part) => part !== null);
  if (chain.length > 0) headers.set('x-forwarded-for', chain.join(', '));
  const host = incoming.get('x-forwarded-host') ?? incoming.get('host');
  if (host !== null) headers.set('x-forwarded-host', host);
  if (!headers.has('x-forwarded-proto')) headers.set('x-forwarded-proto', url.protocol.replace(':', ''));
  headers.set('accept-encoding', 'identity');
  return headers;
}

/** The answer when a plane does not answer, with an id that this process has written to its own log. */
function unreachable(plane: 'api' | 'engine', request: Request): Response {
  const requestId = request.headers.get('x-request-id') ?? `req_${crypto.randomUUID().replaceAll('-', '')}`;
  const message = `the ${plane} does not answer`;
  process.stderr.write(`${JSON.stringify({ level: 'error', requestId, method: request.method, message })}\n`);
  const body = {
    type: 'about:blank',
    title: 'Service unavailable',
    status: 503,
    detail: `${NAMES[plane]} does not answer. Try again in a moment; if it stays so, ask an operator to look at its log.`,
    instance: new URL(request.url).pathname,
    code: plane === 'engine' ? 'engine_unavailable' : 'overloaded',
    requestId,
  };
  return Response.json(body, { status: 503, headers: { 'content-type': 'application/problem+json' } });
}

/**
 * Hands a request of the browser to a plane and streams the answer back unbuffered.
 * Takes no decision on who may do what: the plane sees the same cookie, Origin and CSRF token.
 * @param base the plane's base URL
 * @param path the path on the plane, with its leading slash
 */
export async function forward(request: Request, base: string, path: string): Promise<Response> {
  const url = new URL(request.url);
  const withBody = request.method !== 'GET' && request.method !== 'HEAD';
  const init: RequestInit & { duplex: 'half' } = {
    method: request.method,
    headers: requestHeaders(request.headers, url),
    body: withBody ? request.body : null,
    redirect: 'manual',
    cache: 'no-store',
    signal: request.signal,
    duplex: 'half',
  };
  let upstream: Response;
  try {
    upstream = await fetch(`${base.replace(/\/$/, '')}${path}${url.search}`, init);
  } catch {
    if (request.signal.aborted) return new Response(null, { status: 499 });
    return unreachable(path.startsWith('/internal/') ? 'engine' : 'api', request);
  }
  const headers = new Headers(upstream.headers);
  for (const name of DROPPED_RESPONSE_HEADERS) headers.delete(name);
  if (headers.get('content-type')?.startsWith('text/event-stream')) headers.set('x-accel-buffering', 'no');
  return new Response(upstream.body, { status: upstream.status, statusText: upstream.statusText, headers });
}
