import { Inject, Injectable } from '@nestjs/common';
import { ClavigerError } from '#lib/contracts';
import { EgressGuard, guardedFetch } from '#lib/egress';
import { retryAfterOf } from './schedule.js';

/** From the dispatch to the end of the answer's head, and of as much of its body as is read. */
export const ANSWER_WITHIN_MS = 15_000;
const MOST_BYTES = 16 * 1024;
const MOST_SHOWN = 300;

/** What an endpoint answered, or why it did not. */
export interface EndpointAnswer {
  status: number | null;
  /** null: it took the message. */
  error: string | null;
  /** The beginning of an answer that is no success, without what could harm who reads it. */
  shown: string | null;
  retryAfterS: number | null;
  durationMs: number;
}

export interface EndpointRequest {
  orgId: string;
  url: string;
  headers: Record<string, string>;
  body: string;
  signal: AbortSignal;
}

/** The way to an endpoint: judged by the guard for each dial, redirects are no answers, and what comes back is bounded. */
@Injectable()
export class Endpoint {
  constructor(@Inject(EgressGuard) private readonly guard: EgressGuard) {}

  /** Rejects only when `signal` says so. */
  async post({ orgId, url, headers, body, signal }: EndpointRequest): Promise<EndpointAnswer> {
    const startedMs = performance.now();
    const withDuration = (answer: Omit<EndpointAnswer, 'durationMs'>): EndpointAnswer => ({
      ...answer,
      durationMs: Math.round(performance.now() - startedMs),
    });
    const timeout = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const fetch = guardedFetch({
      guard: this.guard,
      orgId,
      headerDeadlineMs: ANSWER_WITHIN_MS,
      idleDeadlineMs: ANSWER_WITHIN_MS,
      maxResponseBytes: MOST_BYTES,
    });
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': 'Claviger-Webhooks/1', ...headers },
        body,
        signal: AbortSignal.any([signal, timeout]),
      });
      const { status } = response;
      if (response.ok) {
        await response.body?.cancel();
        return withDuration({ status, error: null, shown: null, retryAfterS: null });
      }
      const retryAfterS = retryAfterOf(response.headers.get('retry-after'));
      const shown = await beginningOf(response);
      return withDuration({ status, error: `The endpoint answered ${status}.`, shown, retryAfterS });
    } catch (error) {
      signal.throwIfAborted();
      return withDuration({ status: null, error: reasonOf(error), shown: null, retryAfterS: null });
    }
  }
}

async function beginningOf(response: Response): Promise<string | null> {
  const text = await response.text().catch(() => '');
  // Control characters and what turns text around would let an answer pose as something else in a list.
  const plain = text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}]+/gu, ' ').trim();
  return plain === '' ? null : plain.slice(0, MOST_SHOWN);
}

/** In words of our own: what the network says may hold more than its reader should know. */
function reasonOf(error: unknown): string {
  if (!(error instanceof ClavigerError))
    return `The endpoint did not answer within ${ANSWER_WITHIN_MS / 1_000} s.`;
  switch (error.code) {
    case 'egress_blocked':
      return error.message;
    case 'upstream_timeout':
      return `The endpoint did not answer within ${ANSWER_WITHIN_MS / 1_000} s.`;
    default:
      return 'The endpoint could not be reached, or broke the connection off.';
  }
}
