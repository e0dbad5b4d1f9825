import { originOf } from '#lib/catalog';
import { guardedFetch, type EgressGuard } from '#lib/egress';

/** The most that a server may say in one answer, and how long it may be silent. */
const MAX_RESPONSE_BYTES = 1024 * 1024;
const SILENCE_MS = 60_000;
/** A farewell is no reason to wait. */
const FAREWELL_MS = 2_000;

export interface McpWay {
  guard: EgressGuard;
  orgId: string;
  beforeSend: () => void | Promise<void>;
  /** What the Authorization header carries; null for a server that asks for nothing. */
  secret: string | null;
}

/**
 * The way to one MCP server: guarded, fenced, bounded, and to its own origin alone, which is the one that its secret was sealed for.
 * Redirects are errors. A stream that the server could talk on unasked is not opened.
 */
export function mcpFetch(url: string, { secret, ...way }: McpWay): typeof fetch {
  const limits = { idleDeadlineMs: SILENCE_MS, maxResponseBytes: MAX_RESPONSE_BYTES };
  const allowedOrigins = [originOf(url) ?? ''];
  const send = guardedFetch({ ...way, ...limits, allowedOrigins, headerDeadlineMs: SILENCE_MS });
  const sayFarewell = guardedFetch({ ...way, ...limits, allowedOrigins, headerDeadlineMs: FAREWELL_MS });
  return async (input, init) => {
    const method = init?.method ?? 'GET';
    if (method === 'GET') return new Response(null, { status: 405 });
    const headers = new Headers(init?.headers);
    if (secret !== null) headers.set('authorization', authorization(secret));
    return (method === 'DELETE' ? sayFarewell : send)(input, { ...init, headers });
  };
}

/** A secret that names its scheme (`Basic …`) is sent as it is; any other is a bearer token. */
function authorization(secret: string): string {
  return /^[A-Za-z][A-Za-z0-9-]* \S/.test(secret) ? secret : `Bearer ${secret}`;
}
