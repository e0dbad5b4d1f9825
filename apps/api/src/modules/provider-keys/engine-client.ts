import { Inject, Injectable } from '@nestjs/common';
import { signTicket, TICKET_SECONDS, type Principal } from '#lib/access';
import {
  ClavigerError,
  ERROR_CODES,
  type EngineTicket,
  type ErrorCode,
  type KeyTestResult,
  type ProblemDocument,
  type TicketAction,
} from '#lib/contracts';
import { requestContext } from '#lib/http';
import type { Clock } from '#lib/kernel';
import { CLOCK } from '../../common/tokens.js';
import { engineUnavailable } from './provider-keys.errors.js';

/** Injection token of `EngineAccess`. */
export const ENGINE_ACCESS = Symbol('ENGINE_ACCESS');

/** How this process reaches the engine. */
export interface EngineAccess {
  /** Without a trailing slash. */
  url: string;
  /** Ed25519, PKCS#8 PEM: signs tickets. */
  ticketPrivateKeyPem: string;
}

/** The engine gives a vendor 20 s; an engine that says nothing for longer hangs. */
const DEADLINE_MS = 30_000;

export interface LiveModels {
  data: { id: string; inCatalogue?: boolean }[];
}

/** Asks the execution plane for what needs a key's plaintext; the plaintext never comes back. */
@Injectable()
export class EngineClient {
  constructor(
    @Inject(ENGINE_ACCESS) private readonly access: EngineAccess,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** A 1-token ping over the real call path, with the active version or one that waits. Throws engine_unavailable, or what the engine refused the request with. */
  test(principal: Principal, aiProviderId: string, secretVersion?: number): Promise<KeyTestResult> {
    return this.ask<KeyTestResult>(principal, aiProviderId, 'test', secretVersion);
  }

  /** What the vendor lists for this key. Throws listing_unsupported, upstream_auth_failed, …, engine_unavailable. */
  listModels(principal: Principal, aiProviderId: string): Promise<LiveModels> {
    return this.ask<LiveModels>(principal, aiProviderId, 'list-models');
  }

  private async ask<Answer>(
    principal: Principal,
    aiProviderId: string,
    action: TicketAction,
    secretVersion?: number,
  ): Promise<Answer> {
    const { orgId, userId } = principal;
    const expiresAt = Math.floor(this.clock.now().getTime() / 1000) + TICKET_SECONDS;
    const ticket: EngineTicket = { orgId, userId, aiProviderId, action, secretVersion, expiresAt };
    const { traceparent } = requestContext;
    const response = await fetch(`${this.access.url}/internal/v1/key-actions/${action}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${signTicket(ticket, this.access.ticketPrivateKeyPem)}`,
        'x-request-id': requestContext.requestId,
        ...(traceparent && { traceparent }),
      },
      redirect: 'error',
      signal: AbortSignal.timeout(DEADLINE_MS),
    }).catch((error: unknown) => {
      throw engineUnavailable(error);
    });
    const body: unknown = await response.json().catch((error: unknown) => {
      throw engineUnavailable(error);
    });
    if (response.ok) return body as Answer;
    throw asError(body);
  }
}

/** The engine's problem as our own. What a caller may see of it is what they would see of ours; a ticket refused is our fault. */
function asError(body: unknown): ClavigerError {
  const problem = (typeof body === 'object' && body !== null ? body : {}) as Partial<ProblemDocument>;
  const code = ERROR_CODES.find((known) => known === problem.code);
  if (!code || OURS.includes(code)) return engineUnavailable(problem.detail);
  return new ClavigerError(code, problem.detail ?? 'The engine refused this.', { errors: problem.errors });
}

const OURS: readonly ErrorCode[] = ['unauthenticated', 'internal', 'malformed_request'];
