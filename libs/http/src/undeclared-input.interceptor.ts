import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import type { FieldFault } from '#lib/kernel';
import { UNKNOWN_FIELD } from './field-faults.js';
import { isPlainObject, segment } from './pointers.js';
import { ROUTE_ANY_QUERY } from './route-marks.js';
import { validationFailed } from './validation.pipe.js';

/**
 * A handler that takes no body or no query refuses what is sent there all the same (API.md: unknown fields → 422 with a pointer):
 * a caller who thinks to have asked for something must learn that it was not heard. What a handler does take, its DTO judges.
 * Runs after the guards, like every other word about the input.
 */
@Injectable()
export class UndeclaredInputInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { body, query } = context.switchToHttp().getRequest<FastifyRequest>();
    const anyQuery = Reflect.getMetadata(ROUTE_ANY_QUERY, context.getHandler()) === true;
    const faults = [
      ...(takes(context, RouteParamtypes.BODY) ? [] : bodyFaults(body)),
      ...(anyQuery || takes(context, RouteParamtypes.QUERY) ? [] : unknownFields(query)),
    ];
    if (faults.length > 0) throw validationFailed(faults);
    return next.handle();
  }
}

function takes(context: ExecutionContext, part: RouteParamtypes): boolean {
  const taken: unknown = Reflect.getMetadata(
    ROUTE_ARGS_METADATA,
    context.getClass(),
    context.getHandler().name,
  );
  return Object.keys(taken ?? {}).some((key) => key.startsWith(`${part}:`));
}

/** An empty object is as good as no body: some clients send one with every POST. */
function bodyFaults(body: unknown): FieldFault[] {
  if (body === undefined) return [];
  if (!isPlainObject(body)) return [{ pointer: '', detail: 'Nothing is taken here: leave the body out.' }];
  return unknownFields(body);
}

function unknownFields(fields: unknown): FieldFault[] {
  return Object.keys(fields ?? {}).map((name) => ({ pointer: `/${segment(name)}`, detail: UNKNOWN_FIELD }));
}
