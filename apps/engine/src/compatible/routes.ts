import type { INestApplication } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { putInFront, RawExchange, requestContext } from '#lib/http';
import { LOGGER, Metrics, type Logger } from '#lib/telemetry';
import { Answering } from './answering.js';
import { callDocument, listDocument } from './document.js';
import { CALL_ROUTES, LIST_ROUTES } from './operations.js';
import { tellAnswered } from './tell-answered.js';

/**
 * The compatible endpoints as raw routes beside the controllers (PERFORMANCE.md), answered by hand from their first header on. Awaited,
 * so that the routes are there when the document is made of them.
 */
export async function registerCompatibleRoutes(
  app: INestApplication,
  fastify: FastifyInstance,
): Promise<void> {
  await fastify.register((scope, _options, done) => {
    const exchangeOf = (request: FastifyRequest, reply: FastifyReply): RawExchange => {
      void reply.hijack();
      return RawExchange.goOn(request.raw, reply.raw, requestContext.store);
    };
    for (const route of CALL_ROUTES) {
      const { path, operation, summary } = route;
      const params = (request: FastifyRequest) => ({ ...textsOf(request.query), ...textsOf(request.params) });
      scope.post(path, {
        config: { openapi: callDocument(operation, summary, path), permission: operation.permission },
        onRequest: async (request, reply) =>
          app.get(Answering).call(route, exchangeOf(request, reply), params(request)),
        handler: neverReached,
      });
    }
    for (const route of LIST_ROUTES) {
      const { path, wire, id } = route;
      scope.get(path, {
        config: { openapi: listDocument(id, wire), permission: 'workspaces:ListModels' },
        onRequest: async (request, reply) => app.get(Answering).list(route, exchangeOf(request, reply)),
        handler: neverReached,
      });
    }
    done();
  });
}

/** Takes calls whose path alone says what they are, before the router: what it would do for them costs as much as all that we do. */
export function putCallsInFront(app: INestApplication, fastify: FastifyInstance): void {
  const routes = new Map(CALL_ROUTES.map((route) => [route.path, route]));
  const answering = app.get(Answering);
  const told = tellAnswered(app.get<Logger>(LOGGER), app.get(Metrics));
  putInFront(fastify.server, (request, response) => {
    const route = request.method === 'POST' ? routes.get(request.url ?? '') : undefined;
    if (!route) return false;
    const exchange = RawExchange.open(request, response);
    told(route.path, exchange);
    if (!fastify.server.listening) response.shouldKeepAlive = false;
    answering.call(route, exchange, NO_PARAMS);
    return true;
  });
}

const NO_PARAMS = {};

function textsOf(values: unknown): Record<string, string> {
  const entries = typeof values === 'object' && values !== null ? Object.entries(values) : [];
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function neverReached(): never {
  throw new Error('a compatible endpoint is answered before its handler');
}
