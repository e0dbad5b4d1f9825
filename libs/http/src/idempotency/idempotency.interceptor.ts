import {
  HttpStatus,
  Inject,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { HTTP_CODE_METADATA } from '@nestjs/common/constants.js';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { equalBytes, hmacSha256 } from '#lib/kernel';
import { TenantDb } from '#lib/persistence';
import { requestContext } from '../request-context.js';
import { ROUTE_PERMISSION } from '../route-marks.js';
import { badKey, inFlight, mismatch } from './idempotency.errors.js';
import { IdempotencyRepository, type IdempotencySlot } from './idempotency.repository.js';
import { withoutSecrets } from './without-secrets.js';

/** Key of the HMAC over request bodies: a plain hash would let who reads the table try out short secrets. */
export const IDEMPOTENCY_HASH_KEY = Symbol('IDEMPOTENCY_HASH_KEY');

const KEY_FORM = /^[\x21-\x7e]{1,255}$/;

/**
 * `Idempotency-Key` on control-plane POSTs (API.md, Conventions): the same key with the same body answers what the first
 * call answered and does nothing again. Runs after the guards: nobody reads another's answers.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: IdempotencyRepository,
    private readonly reflector: Reflector,
    @Inject(IDEMPOTENCY_HASH_KEY) private readonly hashKey: Buffer,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const slot = this.slotOf(request, context);
    return slot ? from(this.once(slot, context, next)) : next.handle();
  }

  private async once(slot: IdempotencySlot, context: ExecutionContext, next: CallHandler): Promise<unknown> {
    const http = context.switchToHttp();
    const hash = hmacSha256(this.hashKey, JSON.stringify(http.getRequest<FastifyRequest>().body ?? null));
    const taken = await this.db.withOrg(slot.orgId, (tx) => this.repository.take(tx, slot, hash));
    if (taken) return this.firstAnswer(slot, context, next);
    const answer = await this.earlierAnswer(slot, hash);
    void http.getResponse<FastifyReply>().header('idempotency-replayed', 'true');
    return answer;
  }

  private async earlierAnswer(slot: IdempotencySlot, hash: Buffer): Promise<unknown> {
    const entry = await this.db.withOrg(slot.orgId, (tx) => this.repository.find(tx, slot));
    if (!entry) throw inFlight();
    if (!equalBytes(entry.requestHash, hash)) throw mismatch();
    if (entry.status === null) throw inFlight();
    return entry.response ?? undefined;
  }

  private async firstAnswer(
    slot: IdempotencySlot,
    context: ExecutionContext,
    next: CallHandler,
  ): Promise<unknown> {
    let answer: unknown;
    try {
      answer = await lastValueFrom(next.handle(), { defaultValue: undefined });
    } catch (error) {
      await this.db.withOrg(slot.orgId, (tx) => this.repository.free(tx, slot));
      throw error;
    }
    const status =
      this.reflector.get<number | undefined>(HTTP_CODE_METADATA, context.getHandler()) ?? HttpStatus.CREATED;
    const kept = withoutSecrets(answer) as object | null;
    await this.db.withOrg(slot.orgId, (tx) => this.repository.keep(tx, slot, status, kept));
    return answer;
  }

  /** Undefined where the header does not apply: no POST, nobody's organization, a person's own account. */
  private slotOf(request: FastifyRequest, context: ExecutionContext): IdempotencySlot | undefined {
    const key = request.headers['idempotency-key'];
    const caller = requestContext.caller;
    if (key === undefined || request.method !== 'POST' || !caller?.orgId) return undefined;
    const permission = this.reflector.get<string | undefined>(ROUTE_PERMISSION, context.getHandler());
    if (permission === undefined || permission.startsWith('account:')) return undefined;
    if (typeof key !== 'string' || !KEY_FORM.test(key)) throw badKey();
    return { orgId: caller.orgId, principal: caller.actor, route: `POST ${request.url}`, key };
  }
}
