import type { IncomingHttpHeaders } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { Dispatcher } from 'undici';
import { ClavigerError } from '#lib/contracts';
import { Postponed, redirected, slow } from './exchange.js';
import { assertAllowed, dialerOf, MOST_POSTPONEMENTS, type GuardedFetchOptions } from './guarded-fetch.js';
import { networkError } from './network-errors.js';
import { SendState } from './send-state.js';
import { parseTarget, type Target } from './target.js';

export interface DispatchRequest {
  url: string;
  method: string;
  /** The request's own: what every request says is put in. */
  headers: Record<string, string>;
  body: Buffer | null;
}

/** Who takes an answer as it comes. What a method throws ends the exchange and comes back through `failed`. */
export interface DispatchSink {
  head(status: number, headers: IncomingHttpHeaders): void;
  /** False: no more before `resume` is called. */
  data(chunk: Buffer): boolean;
  end(): void;
  /** A ClavigerError, or the reason that `abort` was called with. Called once, and never after `end`. */
  failed(error: unknown): void;
}

export interface DispatchControl {
  resume(): void;
  abort(reason: Error): void;
}

/**
 * One request through the guard without the cost of `fetch`: bytes go to the sink as they come, and wait where it asks for that. The
 * same fence, places and deadlines as `guardedFetch`; silence is not counted while the sink holds the answer back.
 */
export function guardedDispatch(
  options: GuardedFetchOptions,
  request: DispatchRequest,
  sink: DispatchSink,
): DispatchControl {
  const place = placeOf(request.url);
  assertAllowed(place.target, options.allowedOrigins);
  const relay = new Relay(options, request, sink, place);
  relay.dispatch();
  return relay;
}

interface Place {
  target: Target;
  /** With the query. */
  path: string;
}

/** Keys call few places, and each of them again and again. No place holds a secret: keys travel in headers. */
const places = new LRUCache<string, Place>({ max: 1_000 });

function placeOf(url: string): Place {
  let place = places.get(url);
  if (!place) {
    const target = parseTarget(url);
    const { pathname, search } = new URL(url);
    places.set(url, (place = { target, path: pathname + search }));
  }
  return place;
}

class Relay implements Dispatcher.DispatchHandler, DispatchControl {
  readonly #options: GuardedFetchOptions;
  readonly #request: DispatchRequest;
  readonly #sink: DispatchSink;
  readonly #place: Place;
  readonly #sent: SendState;
  #controller: Dispatcher.DispatchController | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Whether the timer waits for a further part, so that it can be begun anew. */
  #awaitsMore = false;
  #dead: unknown;
  #over = false;
  #attempt = 0;

  constructor(options: GuardedFetchOptions, request: DispatchRequest, sink: DispatchSink, place: Place) {
    this.#options = options;
    this.#request = request;
    this.#sink = sink;
    this.#place = place;
    this.#sent = options.sendState ?? new SendState();
    this.#wait('answer', options.headerDeadlineMs ?? 120_000);
  }

  dispatch(): void {
    const { method, headers, body } = this.#request;
    const { target, path } = this.#place;
    headers['accept-encoding'] = 'identity';
    dialerOf(this.#options.guard)
      .dispatcher(target, this.#options.orgId)
      .dispatch({ path, method, headers, body }, this);
  }

  /** undici calls this with a connected socket, right before it writes the headers; what is thrown here sends nothing. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#dead === undefined) this.#askFence();
    if (this.#dead !== undefined) throw this.#dead;
    this.#sent.left();
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    if (status >= 300 && status < 400 && status !== 304) throw redirected(status, headers.location);
    const encoding = headers['content-encoding'] ?? 'identity';
    // `accept-encoding: identity` was sent. What cannot be read cannot be searched for secrets.
    if (encoding !== 'identity') throw compressed();
    this.#awaitMore();
    this.#sink.head(status, headers);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    // undici hands out an empty piece when it goes on after a pause.
    if (chunk.length === 0) return;
    if (this.#sink.data(chunk)) return this.#awaitMore();
    clearTimeout(this.#timer);
    this.#awaitsMore = false;
    controller.pause();
  }

  onResponseEnd(): void {
    if (this.#over) return;
    this.#finish();
    this.#sink.end();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    const postponed = this.#dead instanceof Postponed ? this.#dead : undefined;
    if (!postponed) return this.#fail(error);
    this.#dead = undefined;
    this.#attempt += 1;
    if (this.#attempt > MOST_POSTPONEMENTS) return this.#kill(late());
    postponed.ready.then(
      () => this.#over || this.dispatch(),
      (refusal: unknown) => this.#kill(refusal),
    );
  }

  resume(): void {
    if (this.#over) return;
    this.#awaitMore();
    this.#controller?.resume();
  }

  abort(reason: Error): void {
    this.#kill(reason);
  }

  #askFence(): void {
    try {
      const ready = this.#options.beforeSend?.();
      if (ready) this.#dead = new Postponed(ready);
    } catch (refusal) {
      this.#dead = refusal;
    }
  }

  #kill(reason: unknown): void {
    if (this.#over || (this.#dead !== undefined && !(this.#dead instanceof Postponed))) return;
    this.#dead = reason;
    this.#controller?.abort(reason instanceof Error ? reason : new Error('aborted'));
    this.#fail(reason);
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.#finish();
    this.#sink.failed(this.#dead ?? networkError(error, this.#sent.bytesLeft));
  }

  #finish(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }

  /** For every part of an answer: the timer that is there goes on from now. */
  #awaitMore(): void {
    if (this.#awaitsMore) return void this.#timer?.refresh();
    this.#wait('next part of the answer', this.#options.idleDeadlineMs ?? 120_000);
    this.#awaitsMore = true;
  }

  #wait(what: string, limitMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#kill(slow(what, limitMs)), limitMs);
  }
}

function compressed(): ClavigerError {
  return new ClavigerError(
    'upstream_error',
    'The provider compressed its answer in a way that was not asked for.',
  );
}

function late(): ClavigerError {
  return new ClavigerError('overloaded', 'The call could not be authorised in time. Try again in a moment.');
}
