import { applyDecorators, SetMetadata } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExtension } from '@nestjs/swagger';

/** Metadata key under which a route handler names the permission that it needs. */
export const ROUTE_PERMISSION = 'claviger:permission';
/** Metadata key that marks a route handler as open to everybody. */
export const ROUTE_PUBLIC = 'claviger:public';
/** Metadata key that marks a route handler as deaf to its query: whatever is sent there is ignored. */
export const ROUTE_ANY_QUERY = 'claviger:any-query';

/** For probes, which load balancers decorate as they like: a process must not look dead for it. */
export function IgnoresQuery(): MethodDecorator {
  return SetMetadata(ROUTE_ANY_QUERY, true);
}

/** Marks a route as open to callers without a session or token; shown as `x-public` in the document. */
export function PublicRoute(): MethodDecorator {
  return applyDecorators(
    SetMetadata(ROUTE_PUBLIC, true),
    RouteConfig({ public: true }),
    ApiExtension('x-public', true),
  );
}
