import type { FastifyInstance, RouteOptions } from 'fastify';

/** A route as the router really has it. */
export interface DumpedRoute {
  method: string;
  /** In the document's spelling: `/api/v1/tokens/{id}`. */
  path: string;
  /** What a raw route declares of itself; controllers declare by decorator. */
  config: RawRouteConfig;
}

/** What a raw Fastify route puts into its `config`, so that the document and the permission check know it. */
export interface RawRouteConfig {
  /** The OpenAPI operation object. */
  openapi?: Record<string, unknown>;
  /** The permission the handler checks, where it needs one. */
  permission?: string;
  public?: boolean;
  /** For the platform's operator alone. */
  operator?: boolean;
}

const dumps = new WeakMap<FastifyInstance, DumpedRoute[]>();

/** Starts recording every route that is registered from now on; call before anything registers one. */
export function recordRoutes(fastify: FastifyInstance): void {
  const routes: DumpedRoute[] = [];
  dumps.set(fastify, routes);
  fastify.addHook('onRoute', (route: RouteOptions) => {
    const methods = Array.isArray(route.method) ? route.method : [route.method];
    const config = (route.config ?? {}) as RawRouteConfig;
    for (const method of methods)
      routes.push({ method: method.toUpperCase(), path: documentPath(route.url), config });
  });
}

/** Every route of the router, raw ones included, sorted. */
export function dumpRoutes(fastify: FastifyInstance): DumpedRoute[] {
  const key = (route: DumpedRoute) => `${route.path} ${route.method}`;
  return [...(dumps.get(fastify) ?? [])].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** `/a/:id/b` as OpenAPI writes it; a literal colon (`::`) stays one. */
export function documentPath(url: string): string {
  return (
    url
      .replaceAll('::', '\u0000')
      // What a parameter has to look like is the router's business.
      .replace(/(:[A-Za-z0-9_]+)\([^)]*\)/g, '$1')
      .replace(/:([A-Za-z0-9_]+)/g, '{$1}')
      .replaceAll('\u0000', ':')
  );
}
