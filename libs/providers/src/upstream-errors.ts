import { APICallError } from 'ai';
import { ollamaPullHint } from '#lib/catalog';
import { ClavigerError } from '#lib/contracts';
import type { Scrubber } from './scrubber.js';

export interface UpstreamContext {
  scrubber: Scrubber;
  /** The provider's slug, for the sentence. */
  provider: string;
  model?: string | undefined;
}

const LONGEST_QUOTE = 500;
const LONGEST_ID = 200;
/** No vendor's message is longer; a server that answers with a book should not keep us reading it. */
const LONGEST_READ = 20_000;
const REQUEST_ID_HEADERS = [
  ...['x-request-id', 'request-id', 'x-goog-request-id', 'x-amzn-requestid', 'apim-request-id'],
  'cf-ray',
];

/**
 * What an upstream's failure is to our caller: 401/403 → upstream_auth_failed, 429 → rate_limited with the seconds of
 * Retry-After, time-outs → upstream_timeout, else upstream_error. The upstream's message is quoted scrubbed; request
 * bodies (prompts) and response bodies are not passed on.
 */
export function mapUpstreamError(error: unknown, context: UpstreamContext): ClavigerError {
  const known = findCause(error, (candidate) => candidate instanceof ClavigerError);
  if (known instanceof ClavigerError) return scrubbed(known, context.scrubber);
  const call = findCause(error, (candidate) => APICallError.isInstance(candidate));
  if (APICallError.isInstance(call)) return fromStatus(call, context);
  if (nameOf(error) === 'AbortError') {
    return new ClavigerError('run_cancelled', 'The run was cancelled before the provider had answered.');
  }
  if (nameOf(error) === 'TimeoutError') {
    return new ClavigerError(
      'upstream_timeout',
      `${context.provider} did not answer in time. Try again, or raise timeoutMs.`,
    );
  }
  const detail = `${context.provider} failed while answering: ${quote(messageOf(error), context)}`;
  return new ClavigerError('upstream_error', detail);
}

/** The error for an answer that stopped without saying that it was finished. */
export function silentEnd(provider: string): ClavigerError {
  const detail = `The answer of ${provider} ended before it was finished. What was received is kept; try again.`;
  return new ClavigerError('upstream_error', detail);
}

/** The id under which the vendor's support finds a call, or null. Scrubbed before it is cut, as `quote` is. */
export function upstreamRequestId(
  headers: Record<string, string> | undefined,
  scrubber: Scrubber,
): string | null {
  const found = REQUEST_ID_HEADERS.map((name) => headers?.[name]).find((value) => value !== undefined);
  return found === undefined ? null : scrubber.text(found).slice(0, LONGEST_ID);
}

/** Even an error of our own may quote the upstream: the host that it redirects to, the text that is no JSON. */
function scrubbed(error: ClavigerError, scrubber: Scrubber): ClavigerError {
  const { code, errors, cause } = error;
  const said = { message: error.message, extras: error.extras ?? {} };
  const message = scrubber.text(said.message);
  const entries = Object.entries(said.extras).map(([name, value]) => [name, scrubber.value(value)] as const);
  const extras = Object.fromEntries(entries);
  // The very error where there was nothing to hide: it may be the reason of an abort.
  if (JSON.stringify({ message, extras }) === JSON.stringify(said)) return error;
  return new ClavigerError(code, message, { errors, extras, cause });
}

/** Seconds to wait as `Retry-After` says it: a number of seconds or a date (RFC 9110 §10.2.3). */
export function retryAfterSeconds(value: string | undefined, now: Date = new Date()): number | null {
  if (value === undefined) return null;
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value));
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - now.getTime()) / 1000));
}

function fromStatus(error: APICallError, context: UpstreamContext): ClavigerError {
  const { provider, model } = context;
  const status = error.statusCode ?? 0;
  const said = quote(error.message, context);
  const extras = {
    upstreamStatus: status,
    upstreamRequestId: upstreamRequestId(error.responseHeaders, context.scrubber),
  };
  if (status === 401 || status === 403 || isGeminiKeyRefusal(status, error.responseBody)) {
    const detail = `${provider} refused the key (${status}): ${said} An OWNER can enter a new secret under Settings → AI Providers.`;
    return new ClavigerError('upstream_auth_failed', detail, { extras });
  }
  if (status === 429) {
    const seconds = retryAfterSeconds(error.responseHeaders?.['retry-after']);
    const when = seconds === null ? 'Try again later' : `Try again in ${seconds} s`;
    const detail = `${provider} limits the rate of this key: ${said} ${when}, or ask an OWNER for a key with more room.`;
    return new ClavigerError('rate_limited', detail, { extras: { ...extras, retryAfterSeconds: seconds } });
  }
  if (status === 408 || status === 504) {
    const detail = `${provider} did not answer in time (${status}): ${said} Try again.`;
    return new ClavigerError('upstream_timeout', detail, { extras });
  }
  const pull = provider === 'ollama' && model ? ` ${ollamaPullHint(model)}` : '';
  const next =
    status === 404 ? ` Check the model id and the base URL.${pull}` : status >= 500 ? ' Try again.' : '';
  const seen = status === 0 ? 'could not be called' : `answered ${status}`;
  return new ClavigerError('upstream_error', `${provider} ${seen}: ${said}${next}`, { extras });
}

/** Gemini answers 400 to a wrong key. */
function isGeminiKeyRefusal(status: number, body: string | undefined): boolean {
  return status === 400 && body !== undefined && body.includes('API_KEY_INVALID');
}

/** One line, scrubbed, of bounded length. Scrubbed before it is cut, so that no half of a key stays. */
function quote(message: string, { scrubber }: UpstreamContext): string {
  const line =
    scrubber.text(message.slice(0, LONGEST_READ)).replace(/\s+/g, ' ').trim().slice(0, LONGEST_QUOTE) ||
    'no message';
  return /[.!?]$/.test(line) ? line : `${line}.`;
}

/** By name, not by class: a DOMException of another realm is no `Error` here. */
function nameOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'name' in error ? error.name : undefined;
}

function messageOf(error: unknown): string {
  if (typeof error === 'string') return error;
  if (typeof error !== 'object' || error === null) return 'no message';
  if ('message' in error && typeof error.message === 'string') return error.message;
  if ('error' in error) return messageOf(error.error);
  return 'no message';
}

function findCause(error: unknown, wanted: (candidate: unknown) => boolean): unknown {
  for (let candidate = error, depth = 0; depth < 6; depth += 1) {
    if (wanted(candidate)) return candidate;
    if (typeof candidate !== 'object' || candidate === null) return undefined;
    candidate =
      'lastError' in candidate ? candidate.lastError : 'cause' in candidate ? candidate.cause : undefined;
  }
  return undefined;
}
