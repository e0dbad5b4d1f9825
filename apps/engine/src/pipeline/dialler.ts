import { Inject, Injectable } from '@nestjs/common';
import type { EgressGuard, SendState } from '#lib/egress';
import type { SealedCredential } from '#lib/contracts';
import type { Clock } from '#lib/kernel';
import { Scrubber, secretsOf, upstreamRequestId, type ModelEndpoint } from '#lib/providers';
import { Metrics } from '#lib/telemetry';
import { fence, type GateCheck } from '../keys/fence.js';
import { StateCache } from '../keys/state-cache.js';
import type { TurnedAway } from '../rates/call-rates.js';
import { Spans } from '../spans/spans.js';
import { CLOCK, EGRESS_GUARD } from '../tokens.js';
import type { CallPlan, CallRequest } from './call-plan.js';
import type { Choice } from './decide.js';
import {
  endpointFor,
  relayEndpoint,
  type CallEndpoint,
  type RelayEndpoint,
  type WayOptions,
} from './endpoint.js';
import type { RunRecord } from './run-record.js';
import { afterMark } from './send-mark.js';

export interface Dialling {
  /** Whose request, to which key and model, within which rates. */
  call: Pick<CallPlan, 'request' | 'choice' | 'rates' | 'mark'>;
  /** What the newest state must still allow whenever bytes leave. */
  check: GateCheck;
  credential: SealedCredential;
  sent: SendState;
  runId: string;
  signal: AbortSignal;
  /** Told when the call has to wait for its rates. */
  onDelay: (inSeconds: number) => void;
  turned?: TurnedByVendor;
  /** Told of each request before it is made. */
  record?: Pick<RunRecord, 'callBegins'>;
}

/** What to do with requests that the vendor turns away for their rate, and who hears of them. */
export interface TurnedByVendor {
  mayWait: () => boolean;
  waits: (upstreamRequestId: string | null, latencyMs: number) => void;
}

/** The one way from a chosen key to its vendor: fenced, guarded, within the key's rates. */
@Injectable()
export class Dialler {
  constructor(
    private readonly states: StateCache,
    @Inject(EGRESS_GUARD) readonly guard: EgressGuard,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly spans: Spans,
  ) {}

  /** Who is told of each call of this run: its spans. */
  tellerOf(request: CallRequest, choice: Choice, runId: string) {
    return this.spans.tellerOf(request, choice, runId);
  }

  /** The question that the fence asks before bytes leave, for this call. */
  fence({ call, check }: Pick<Dialling, 'call' | 'check'>): () => void | Promise<void> {
    return afterMark(call.mark, fence(this.states, call.request.stateKey, check));
  }

  now(): Date {
    return this.clock.now();
  }

  /** The way of a call whose bytes are relayed. Throws ClavigerError no_provider_key. */
  way(dialling: Omit<Dialling, 'signal' | 'onDelay'>): RelayEndpoint {
    const { assignment, provider } = dialling.call.choice;
    return relayEndpoint(assignment, provider, dialling.credential, this.#options(dialling));
  }

  async dial(dialling: Dialling): Promise<CallEndpoint> {
    const { call, credential, sent, signal } = dialling;
    const { choice, rates } = call;
    const { assignment, provider } = choice;
    const endpoint = await endpointFor(assignment, provider, credential, {
      ...this.#options(dialling),
      signal,
      now: this.clock.now(),
      onAnswer: (seconds) => this.metrics.upstreamAnswer(provider.slug, seconds),
    });
    const turned = dialling.turned && turnedBy(dialling.turned, endpoint);
    const fetch = rates.fetch(endpoint.fetch, sent, dialling.onDelay, turned);
    return { ...endpoint, fetch: dialling.record ? told(fetch, dialling.record) : fetch };
  }

  #options(dialling: Omit<Dialling, 'signal' | 'onDelay'>): WayOptions {
    const { request } = dialling.call;
    return {
      guard: this.guard,
      orgId: request.caller.orgId,
      beforeSend: this.fence(dialling),
      sent: dialling.sent,
      headerDeadlineMs: request.agent.timeoutMs,
      headers: { 'x-client-request-id': dialling.runId },
    };
  }
}

function told(call: typeof fetch, record: Pick<RunRecord, 'callBegins'>): typeof fetch {
  return (...args) => {
    record.callBegins();
    return call(...args);
  };
}

function turnedBy({ mayWait, waits }: TurnedByVendor, endpoint: ModelEndpoint): TurnedAway {
  const scrubber = new Scrubber(secretsOf(endpoint));
  const idOf = ({ headers }: Response) => upstreamRequestId(Object.fromEntries(headers), scrubber);
  return { mayWait, waits: (answer, latencyMs) => waits(idOf(answer), latencyMs) };
}
