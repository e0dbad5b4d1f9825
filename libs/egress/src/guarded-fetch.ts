import { ClavigerError } from '#lib/contracts';
import { Dialer } from './dialer.js';
import { Exchange, Postponed } from './exchange.js';
import type { EgressGuard } from './guard.js';
import { SendState } from './send-state.js';
import { blocked, parseTarget, type Target } from './target.js';

export interface GuardedFetchOptions {
  guard: EgressGuard;
  orgId: string;
  /** Places (`scheme://host:port`) where requests may go; the sealed origins of the key. Undefined: wherever the guard lets. */
  allowedOrigins?: readonly string[];
  /**
   * The fence of CUSTODY §4, called with a connected socket right before headers are written (undici may have queued the
   * request until then). Returning nothing sends; throwing sends nothing and rejects. A promise sends nothing yet: it is
   * awaited, and the fence is asked again. So it must return synchronously once it is ready: an `async` function never is.
   */
  beforeSend?: () => void | Promise<void>;
  sendState?: SendState;
  /** Milliseconds until the answer's headers, connecting included. */
  headerDeadlineMs?: number;
  /** Milliseconds of silence inside an answer. */
  idleDeadlineMs?: number;
  maxResponseBytes?: number;
}

export const MOST_POSTPONEMENTS = 5;
const dialers = new WeakMap<EgressGuard, Dialer>();

/**
 * A `fetch` that can only reach what the guard allows: https:443 in public, or what the operator listed. Redirects are
 * errors, proxies of the environment are ignored, the peer's address is judged again after connecting.
 * Rejects with ClavigerError egress_blocked, upstream_timeout or upstream_error, or with the signal's reason.
 */
export function guardedFetch(options: GuardedFetchOptions): typeof fetch {
  const sendState = options.sendState ?? new SendState();
  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const target = parseTarget(url);
    assertAllowed(target, options.allowedOrigins);
    const request = requestOf(input, init);
    const body = Buffer.from(await request.arrayBuffer());
    const headers: Record<string, string> = {
      ...Object.fromEntries(request.headers),
      'accept-encoding': 'identity',
    };
    const { pathname, search } = new URL(url);
    for (let attempt = 0; attempt <= MOST_POSTPONEMENTS; attempt += 1) {
      const exchange = new Exchange({
        beforeSend: options.beforeSend ?? (() => undefined),
        sendState,
        signal: init?.signal ?? request.signal,
        headerDeadlineMs: options.headerDeadlineMs ?? 120_000,
        idleDeadlineMs: options.idleDeadlineMs ?? 120_000,
        maxResponseBytes: options.maxResponseBytes ?? 64 * 1024 * 1024,
      });
      const what = {
        path: pathname + search,
        method: request.method,
        headers,
        body: body.length > 0 ? body : null,
      };
      dialerOf(options.guard).dispatcher(target, options.orgId).dispatch(what, exchange);
      try {
        return await exchange.response;
      } catch (error) {
        if (!(error instanceof Postponed)) throw error;
        await error.ready;
      }
    }
    throw new ClavigerError('overloaded', 'The call could not be authorised in time. Try again in a moment.');
  };
}

/** Ends every connection that was opened through this guard. */
export async function closeEgress(guard: EgressGuard): Promise<void> {
  await dialers.get(guard)?.close();
  dialers.delete(guard);
}

/** The platform's own error would quote the header, and with it the key. */
function requestOf(input: Parameters<typeof fetch>[0], init: RequestInit | undefined): Request {
  try {
    return new Request(input, init);
  } catch {
    throw new ClavigerError(
      'upstream_error',
      'The request can’t be sent: a header holds what HTTP does not allow, such as a line break. An OWNER can enter the secret again, without blanks around or inside it.',
    );
  }
}

export function dialerOf(guard: EgressGuard): Dialer {
  const known = dialers.get(guard);
  if (known) return known;
  const made = new Dialer(guard);
  dialers.set(guard, made);
  return made;
}

export function assertAllowed(target: Target, allowed: readonly string[] | undefined): void {
  if (!allowed || allowed.includes(target.origin)) return;
  throw blocked(
    `The key was entered for ${allowed.join(', ') || 'no address'} and is not sent to ${target.origin}. ` +
      'An OWNER can enter the secret again for the new base URL.',
  );
}
