import { ClavigerError } from '#lib/contracts';
import { retryAfterSeconds } from '#lib/providers';
import type { RelayedAnswer } from './relay/answer-relay.js';
import { passedHeaders, upstreamId } from './relay/passed-headers.js';

/** A refusal in the vendor's own words, which its own client knows best what to make of. */
export class UpstreamRefusal extends ClavigerError {
  constructor(
    code: 'upstream_error' | 'rate_limited' | 'upstream_timeout',
    detail: string,
    readonly answer: { status: number; headers: readonly string[]; body: Buffer },
    extras: Record<string, unknown>,
  ) {
    super(code, detail, { extras });
    this.name = 'UpstreamRefusal';
  }
}

/**
 * What an upstream's refusal is to our caller. A refused key is none of theirs: told as 502, or a client would take its own token for
 * wrong. Everything else goes on as the vendor said it.
 */
export function upstreamRefusal(
  provider: string,
  { status, headers, refused }: RelayedAnswer,
): ClavigerError {
  const body = refused ?? Buffer.alloc(0);
  const extras = { upstreamStatus: status, upstreamRequestId: upstreamId(headers) };
  if (status === 401 || status === 403 || (status === 400 && body.includes('API_KEY_INVALID'))) {
    return new ClavigerError(
      'upstream_auth_failed',
      `${provider} refused the key (${status}). An OWNER can enter a new secret under Settings → AI Providers.`,
      { extras },
    );
  }
  const seconds = retryAfterSeconds(one(headers['retry-after']));
  const code =
    status === 429
      ? 'rate_limited'
      : status === 408 || status === 504
        ? 'upstream_timeout'
        : 'upstream_error';
  const passed = { status, headers: passedHeaders(headers, (value) => value), body };
  return new UpstreamRefusal(code, `${provider} answered ${status}.`, passed, {
    ...extras,
    ...(seconds !== null && { retryAfterSeconds: seconds }),
  });
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
