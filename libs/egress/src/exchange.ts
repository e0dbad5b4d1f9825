import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { ClavigerError } from '#lib/contracts';
import { networkError } from './network-errors.js';
import type { SendState } from './send-state.js';
import { blocked } from './target.js';

export interface ExchangeOptions {
  /** See `GuardedFetchOptions.beforeSend`. */
  beforeSend: () => void | Promise<void>;
  sendState: SendState;
  signal: AbortSignal;
  /** Milliseconds from the dispatch to the answer's headers. */
  headerDeadlineMs: number;
  /** Milliseconds that may pass between two pieces of the answer. */
  idleDeadlineMs: number;
  maxResponseBytes: number;
}

/** Thrown inside the handler when the fence needs time: nothing was written, the request is dispatched again afterwards. */
export class Postponed extends Error {
  constructor(readonly ready: Promise<void>) {
    super('the fence was not ready');
    // A rejection is reported by whoever awaits it; until then it must not count as unhandled.
    ready.catch(() => undefined);
  }
}

const NULL_BODY = new Set([204, 205, 304]);

/** One request and its answer as an undici handler; `response` settles with the answer's head. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly response: Promise<Response>;
  readonly #options: ExchangeOptions;
  #resolve!: (response: Response) => void;
  #reject!: (error: unknown) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #body: ReadableStreamDefaultController<Uint8Array> | undefined;
  /** Why this exchange was ended from our side; the caller gets it as it is. */
  #dead: unknown;
  #received = 0;
  #timer: NodeJS.Timeout;
  readonly #onAbort = () => this.#kill(this.#options.signal.reason);

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#timer = setTimeout(
      () => this.#kill(slow('answer', options.headerDeadlineMs)),
      options.headerDeadlineMs,
    );
    options.signal.addEventListener('abort', this.#onAbort, { once: true });
    if (options.signal.aborted) this.#onAbort();
  }

  /** undici calls this with a connected socket, right before it writes the headers; what is thrown here sends nothing. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#dead === undefined) this.#askFence();
    if (this.#dead !== undefined) throw this.#dead;
    this.#options.sendState.left();
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    statusText?: string,
  ): void {
    if (status < 200) return;
    if (status >= 300 && status < 400 && status !== 304) throw redirected(status, headers.location);
    this.#restartTimer();
    const stream = new ReadableStream<Uint8Array>({
      start: (body) => {
        this.#body = body;
      },
      pull: () => controller.resume(),
      cancel: (reason: unknown) => this.#kill(reason ?? new Error('the reader went away')),
    });
    const head = { status, statusText, headers };
    this.#resolve(answer(head, stream, this.#options.maxResponseBytes));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    // undici hands out an empty piece when it goes on after a pause; to pause again for it would never end.
    if (chunk.length === 0) return;
    this.#restartTimer();
    this.#received += chunk.length;
    if (this.#received > this.#options.maxResponseBytes) throw tooLong(this.#options.maxResponseBytes);
    this.#body?.enqueue(chunk);
    if ((this.#body?.desiredSize ?? 0) <= 0) controller.pause();
  }

  onResponseEnd(): void {
    this.#settle();
    this.#body?.close();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error);
  }

  #askFence(): void {
    try {
      const ready = this.#options.beforeSend();
      if (ready) this.#dead = new Postponed(ready);
    } catch (refusal) {
      this.#dead = refusal;
    }
  }

  #kill(reason: unknown): void {
    if (this.#dead !== undefined) return;
    this.#dead = reason ?? new DOMException('This operation was aborted', 'AbortError');
    this.#controller?.abort(reason instanceof Error ? reason : new Error('aborted'));
    this.#fail(this.#dead);
  }

  #fail(error: unknown): void {
    this.#settle();
    const shown = this.#dead ?? networkError(error, this.#options.sendState.bytesLeft);
    this.#reject(shown);
    try {
      this.#body?.error(shown);
    } catch {
      // The stream has ended or its reader cancelled it: there is nobody left to tell.
    }
  }

  #settle(): void {
    clearTimeout(this.#timer);
    this.#options.signal.removeEventListener('abort', this.#onAbort);
  }

  #restartTimer(): void {
    clearTimeout(this.#timer);
    const limit = this.#options.idleDeadlineMs;
    this.#timer = setTimeout(() => this.#kill(slow('next part of the answer', limit)), limit);
  }
}

interface Head {
  status: number;
  statusText: string | undefined;
  headers: IncomingHttpHeaders;
}

/** @param most bytes of it, unpacked: what is a kilobyte on its way may be a gigabyte here */
function answer(
  { status, statusText, headers: raw }: Head,
  stream: ReadableStream<Uint8Array>,
  most: number,
): Response {
  const headers = new Headers();
  for (const [name, value] of Object.entries(raw)) {
    for (const one of Array.isArray(value) ? value : [value ?? '']) headers.append(name, one);
  }
  const encoding = headers.get('content-encoding') ?? 'identity';
  // `accept-encoding: identity` was sent; some servers compress all the same.
  if (encoding === 'identity' || NULL_BODY.has(status)) {
    return new Response(NULL_BODY.has(status) ? null : stream, { status, statusText, headers });
  }
  if (encoding !== 'gzip' && encoding !== 'deflate') {
    throw new ClavigerError(
      'upstream_error',
      'The provider compressed its answer in a way that was not asked for.',
    );
  }
  headers.delete('content-encoding');
  headers.delete('content-length');
  const plain = stream.pipeThrough(new DecompressionStream(encoding)).pipeThrough(atMost(most));
  return new Response(plain, { status, statusText, headers });
}

/** Ends with an error, and the connection with it, at the first byte too many. */
function atMost(bytes: number): TransformStream<Uint8Array, Uint8Array> {
  let passed = 0;
  return new TransformStream({
    transform(chunk, out) {
      passed += chunk.length;
      if (passed > bytes) throw tooLong(bytes);
      out.enqueue(chunk);
    },
  });
}

export function slow(what: string, limitMs: number): ClavigerError {
  const detail = `The provider sent no ${what} within ${Math.round(limitMs / 1000)} s. Try again, or raise timeoutMs.`;
  return new ClavigerError('upstream_timeout', detail);
}

export function redirected(status: number, location: string | undefined): ClavigerError {
  const host = location && URL.canParse(location) ? ` to ${new URL(location).host}` : '';
  return blocked(
    `The server answered with a redirect (${status})${host}, which is never followed: it could carry credentials elsewhere. ` +
      'Enter the final address instead.',
  );
}

function tooLong(limit: number): ClavigerError {
  return new ClavigerError('upstream_error', `The answer is longer than ${limit} bytes and was cut off.`);
}
