import { Inject, Injectable, type ExecutionContext } from '@nestjs/common';
import { AuthGuard, PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-custom';
import { verifyTicket } from '#lib/access';
import { ClavigerError, type AnyTicket } from '#lib/contracts';
import type { Clock } from '#lib/kernel';
import { CLOCK, TICKET_PUBLIC_KEY } from '../tokens.js';

interface TicketRequest {
  headers: { authorization?: string };
  /** What the guard of this application lends: passport's registry, and so the strategy, is one per process. */
  tickets: { publicKeyPem: string; clock: Clock };
}

/** `ticket`: what the control plane signed for one action on one key, as a bearer (API.md, `POST :id/test`). */
@Injectable()
export class TicketStrategy extends PassportStrategy(Strategy, 'ticket') {
  async validate({ headers, tickets }: TicketRequest): Promise<AnyTicket> {
    const [, ticket] = /^Bearer (\S+)$/i.exec(headers.authorization ?? '') ?? [];
    if (ticket)
      return verifyTicket(ticket, tickets.publicKeyPem, Math.floor(tickets.clock.now().getTime() / 1_000));
    throw new ClavigerError(
      'unauthenticated',
      'This is the control plane’s own entrance: use POST /api/v1/ai-providers/:id/test there.',
    );
  }
}

/** Lets in who brings a valid ticket; the claims are the request's `user`. */
@Injectable()
export class TicketGuard extends AuthGuard('ticket') {
  constructor(
    @Inject(TICKET_PUBLIC_KEY) private readonly publicKeyPem: string,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    super();
  }

  override getRequest(context: ExecutionContext): TicketRequest {
    const request = context.switchToHttp().getRequest<TicketRequest>();
    request.tickets = { publicKeyPem: this.publicKeyPem, clock: this.clock };
    return request;
  }

  override handleRequest<T>(error: unknown, user: T): T {
    if (error) throw error;
    return user;
  }
}

/** A ticket is good for the one action that it names. */
export function otherAction(): ClavigerError {
  return new ClavigerError(
    'unauthenticated',
    'This ticket is for another action. Repeat the action in the control plane.',
  );
}
