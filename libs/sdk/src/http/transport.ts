import { ConnectionError } from '../errors.js';
import { assertOk } from './answer.js';
import { baseUrl, bearer, type ConnectionOptions } from './options.js';
import { pause } from './pause.js';
import { pauseBefore, type RetryRules } from './retry.js';

const WITHIN_MS = 60_000;

export interface Ask {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the plane's address, ids encoded. */
  path: string;
  query?: Record<string, unknown>;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Milliseconds until the answer must be there, of a stream its head; a minute unless told. */
  withinMs?: number;
}

/** Sends requests to one plane, and tries again what may be tried again. The token is in no member that a log could print. */
export class Transport {
  readonly rules: RetryRules;
  readonly #url: string;
  readonly #authorization: string;
  readonly #fetch: typeof fetch;

  constructor(options: ConnectionOptions) {
    this.#url = baseUrl(options.url);
    this.#authorization = bearer(options.token);
    // The global one must be called without a receiver, and may be patched after this.
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
    this.rules = {
      maxRetries: options.maxRetries ?? 4,
      maxRetryAfterSeconds: options.maxRetryAfterSeconds ?? 60,
    };
  }

  /** The JSON of an answer. Throws ClavigerError, ConnectionError, or the signal's reason. */
  async json<T>(ask: Ask): Promise<T> {
    return parsed<T>(await this.#again(ask, (response) => response.text()));
  }

  /** An answer whose body is still to be read. Throws as `json` does. */
  open(ask: Ask): Promise<Response> {
    return this.#again(ask, (response) => Promise.resolve(response));
  }

  async #again<T>(ask: Ask, read: (response: Response) => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.#once(ask, read);
      } catch (failure) {
        ask.signal?.throwIfAborted();
        const ms = pauseBefore(failure, tries, this.rules);
        if (ms === null) throw failure;
        await pause(ms, ask.signal);
      }
    }
  }

  async #once<T>(ask: Ask, read: (response: Response) => Promise<T>): Promise<T> {
    ask.signal?.throwIfAborted();
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), ask.withinMs ?? WITHIN_MS);
    const lost = (cause: unknown): never => {
      throw new ConnectionError(`${ask.method} ${ask.path}: the connection failed, or was too slow.`, null, {
        cause,
      });
    };
    try {
      const response = await this.#fetch(`${this.#url}${ask.path}${queryOf(ask.query)}`, {
        method: ask.method,
        headers: this.#headers(ask),
        body: ask.body === undefined ? undefined : JSON.stringify(ask.body),
        signal: ask.signal ? AbortSignal.any([ask.signal, late.signal]) : late.signal,
        // A plane never redirects: whoever does is to get neither token nor prompt.
        redirect: 'manual',
      }).catch(lost);
      await assertOk(response);
      return await read(response).catch(lost);
    } finally {
      clearTimeout(timer);
    }
  }

  #headers({ body, headers }: Ask): Record<string, string> {
    return {
      authorization: this.#authorization,
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    };
  }
}

/** Of an answer without a body (204) null. */
function parsed<T>(text: string): T {
  try {
    return JSON.parse(text || 'null') as T;
  } catch (cause) {
    throw new ConnectionError('The answer is not JSON: something before the plane gave it.', null, { cause });
  }
}

function queryOf(query: Record<string, unknown> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  const text = new URLSearchParams(
    given.map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  return text && `?${text}`;
}
