import { Inject, Injectable } from '@nestjs/common';
import { SendState, type EgressGuard } from '#lib/egress';
import {
  ClavigerError,
  type EngineTicket,
  type KeyTestResult,
  type SealedCredential,
  type StateKey,
} from '#lib/contracts';
import { asClavigerError } from '#lib/http';
import type { Clock } from '#lib/kernel';
import { listLiveModels, pingModel, type LiveModel, type ModelEndpoint } from '#lib/providers';
import { fence } from '../keys/fence.js';
import { KeyLeases } from '../keys/key-lease.js';
import { StateCache } from '../keys/state-cache.js';
import { CatalogueSource } from '../pipeline/catalogue-source.js';
import { endpointFor } from '../pipeline/endpoint.js';
import { CLOCK, EGRESS_GUARD } from '../tokens.js';
import { failedStep, statusAt, testSteps } from './test-steps.js';
import { ticketKey, type TicketKey } from './ticket-check.js';

const DEADLINE_MS = 20_000;

type Use<T> = (endpoint: ModelEndpoint, signal: AbortSignal) => Promise<T>;

/** What the control plane has done with a key, over the path that runs take: nothing secret is answered. */
@Injectable()
export class KeyActionsService {
  constructor(
    private readonly states: StateCache,
    private readonly catalogues: CatalogueSource,
    private readonly leases: KeyLeases,
    @Inject(EGRESS_GUARD) private readonly guard: EgressGuard,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** A 1-token ping. A key that fails is an answer (PRODUCT #19); a caller who may not ask, or a key service that is down, an error. */
  async test(ticket: EngineTicket): Promise<KeyTestResult> {
    const key = await this.#key(ticket);
    const model = modelOf(key);
    if (!model) return this.#failed(noModel(key), true, 0, key);
    const sent = new SendState();
    const startedMs = this.clock.monotonicMs();
    try {
      const { latencyMs, upstreamRequestId } = await this.#use(ticket, key, sent, (endpoint, signal) =>
        pingModel(endpoint, model, signal),
      );
      const message = `The key works: ${model} of ${key.provider.name} answered in ${latencyMs} ms.`;
      const steps = testSteps(null, '', isPlain(key));
      return {
        ok: true,
        status: 'ok',
        latencyMs,
        steps,
        message,
        upstreamRequestId,
        testedAt: this.clock.now().toISOString(),
      };
    } catch (thrown) {
      const error = asClavigerError(thrown);
      if (!isAboutKey(error)) throw error;
      return this.#failed(error, sent.bytesLeft, Math.round(this.clock.monotonicMs() - startedMs), key);
    }
  }

  /** What the vendor lists for this key now. Throws listing_unsupported, upstream_auth_failed, … */
  async listModels(ticket: EngineTicket): Promise<LiveModel[]> {
    const key = await this.#key(ticket);
    return this.#use(ticket, key, new SendState(), (endpoint, signal) => listLiveModels(endpoint, signal));
  }

  async #key(ticket: EngineTicket): Promise<TicketKey> {
    return ticketKey(await this.states.get(stateKeyOf(ticket), 0), ticket, this.catalogues.current);
  }

  #use<T>(
    ticket: EngineTicket,
    { assignment, provider }: TicketKey,
    sent: SendState,
    use: Use<T>,
  ): Promise<T> {
    const beforeSend = fence(this.states, stateKeyOf(ticket), (state) => {
      ticketKey(state, ticket, this.catalogues.current);
    });
    const options = {
      guard: this.guard,
      orgId: ticket.orgId,
      beforeSend,
      sent,
      headerDeadlineMs: DEADLINE_MS,
    };
    const call = (credential: SealedCredential): Promise<T> =>
      use(endpointFor(assignment, provider, credential, options), AbortSignal.timeout(DEADLINE_MS));
    return this.leases.use(ticket.orgId, assignment, call);
  }

  #failed(error: ClavigerError, bytesLeft: boolean, latencyMs: number, key: TicketKey): KeyTestResult {
    const step = failedStep(error, bytesLeft);
    const id = error.extras?.['upstreamRequestId'];
    return {
      ok: false,
      status: statusAt(step),
      latencyMs,
      steps: testSteps(step, error.message, isPlain(key)),
      message: error.message,
      upstreamRequestId: typeof id === 'string' ? id : null,
      testedAt: this.clock.now().toISOString(),
    };
  }
}

function stateKeyOf({ orgId, userId, aiProviderId, secretVersion }: EngineTicket): StateKey {
  return { workspaceId: '', principal: { ticket: { orgId, userId, aiProviderId, secretVersion } } };
}

/** The model that a call without a model would most likely use. */
function modelOf({ assignment, provider }: TicketKey): string | null {
  return assignment.keyDefaultModel ?? assignment.keyModels[0] ?? provider.defaultModel;
}

function noModel({ assignment, provider }: TicketKey): ClavigerError {
  const detail = `${provider.name} has no default model to ask, and the key "${assignment.name}" names none. Set its default model, then test again.`;
  return new ClavigerError('model_not_available', detail, { extras: { upstreamStatus: 404 } });
}

function isPlain({ assignment, provider }: TicketKey): boolean {
  return (assignment.baseUrl ?? provider.baseUrl ?? '').startsWith('http:');
}

/** Failures that say something about the key or its provider; the others are about asking. */
function isAboutKey(error: ClavigerError): boolean {
  return [
    'upstream_auth_failed',
    'upstream_error',
    'upstream_timeout',
    'rate_limited',
    'egress_blocked',
    'no_provider_key',
  ].includes(error.code);
}
