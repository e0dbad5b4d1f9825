import { Inject, Injectable } from '@nestjs/common';
import { signTicket, TICKET_SECONDS } from '#lib/access';
import {
  ClavigerError,
  ERROR_CODES,
  type AnyTicket,
  type ErrorCode,
  type OwnKmsTicket,
  type EngineTicket,
  type ProblemDocument,
} from '#lib/contracts';
import { requestContext } from '#lib/http';
import type { Clock } from '#lib/kernel';
import { CLOCK } from './tokens.js';

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

type Unsigned = Omit<EngineTicket, 'expiresAt'> | Omit<OwnKmsTicket, 'expiresAt'>;

/** Asks the execution plane for what only it can do, one signed ticket for each question. */
@Injectable()
export class EngineDoor {
  constructor(
    @Inject(ENGINE_ACCESS) private readonly access: EngineAccess,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The engine's answer to `claims.action`. Throws engine_unavailable, or what the engine refused the request with. */
  async ask<Answer>(claims: Unsigned): Promise<Answer> {
    const expiresAt = Math.floor(this.clock.now().getTime() / 1000) + TICKET_SECONDS;
    const ticket: AnyTicket = { ...claims, expiresAt };
    const { traceparent } = requestContext;
    const response = await fetch(`${this.access.url}/internal/v1/key-actions/${claims.action}`, {
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

function engineUnavailable(cause?: unknown): ClavigerError {
  return new ClavigerError(
    'engine_unavailable',
    'The engine, which alone can open keys, does not answer. Nothing was changed. Try again; if it stays so, tell the operator.',
    { cause },
  );
}
