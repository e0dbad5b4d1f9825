import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { RestoredGate } from './restored-gate.js';
import { restoredReadOnly } from './restored.errors.js';
import { WHILE_RESTORED, type TakesAway } from './while-restored.js';

const READS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * While the database is an unacknowledged old copy, the control plane is read-only but for what takes away (ADR 0020): a
 * member or token that revived must not make new keys, tokens or invites. Runs after the guards, like every word about a request.
 */
@Injectable()
export class RestoredInterceptor implements NestInterceptor {
  constructor(
    private readonly gate: RestoredGate,
    private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (this.gate.closed && !this.mayGoOn(context)) throw restoredReadOnly();
    return next.handle();
  }

  private mayGoOn(context: ExecutionContext): boolean {
    const { method, body } = context.switchToHttp().getRequest<FastifyRequest>();
    if (READS.includes(method)) return true;
    const takesAway = this.reflector.get<TakesAway | undefined>(WHILE_RESTORED, context.getHandler());
    return takesAway?.(isRecord(body) ? body : {}) ?? false;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
