import { applyDecorators, SetMetadata } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExtension } from '@nestjs/swagger';

/** Metadata key under which a route handler names the permission that it needs. */
export const ROUTE_PERMISSION = 'claviger:permission';
/** Metadata key that marks a route handler as open to everybody. */
export const ROUTE_PUBLIC = 'claviger:public';

/** Marks a route as open to callers without a session or token; shown as `x-public` in the document. */
export function PublicRoute(): MethodDecorator {
  return applyDecorators(
    SetMetadata(ROUTE_PUBLIC, true),
    RouteConfig({ public: true }),
    ApiExtension('x-public', true),
  );
}
