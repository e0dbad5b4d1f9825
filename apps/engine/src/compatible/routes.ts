import type { INestApplication } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Permission } from '#lib/contracts';
import { asClavigerError } from '#lib/http';
import { LOGGER, type Logger } from '#lib/telemetry';
import { CompatibleCalls } from './compatible-calls.js';
import { Entrance, type Entered } from './entrance.js';
import { ModelLists } from './model-lists.js';
import { callDocument, listDocument } from './document.js';
import { CALL_ROUTES, LIST_ROUTES } from './operations.js';
import { ClientAnswer } from './relay/client-answer.js';
import { refuse } from './replies.js';
import type { WireName } from './wire.js';

/** Images and documents travel inside of bodies. */
const BODY_LIMIT = 32 * 1_048_576;

/**
 * The compatible endpoints as raw routes beside the controllers (PERFORMANCE.md): bodies stay bytes, replies are written by hand. Who
 * calls is known before a body is read. Awaited, so that the routes are there when the document is made of them.
 */
export async function registerCompatibleRoutes(
  app: INestApplication,
  fastify: FastifyInstance,
): Promise<void> {
  const entered = new WeakMap<FastifyRequest, Entered>();
  await fastify.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (_request, body, parsed) =>
      parsed(null, body),
    );
    const entrance =
      (wire: WireName, permission: Permission) => async (request: FastifyRequest, reply: FastifyReply) => {
        try {
          entered.set(request, await app.get(Entrance).enter(request.headers, permission));
        } catch (error) {
          refuse(wire, error, request, new ClientAnswer(reply));
        }
      };
    const answering =
      (
        wire: WireName,
        answer: (request: FastifyRequest, who: Entered, client: ClientAnswer) => Promise<void>,
      ) =>
      async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
        const client = new ClientAnswer(reply);
        const who = entered.get(request);
        try {
          if (!who) throw new Error('a compatible endpoint was reached without its entrance');
          await answer(request, who, client);
        } catch (error) {
          if (asClavigerError(error).code === 'internal') tell(app, request, error);
          refuse(wire, error, request, client);
        }
      };
    for (const { path, operation, summary } of CALL_ROUTES) {
      const { wire, permission } = operation;
      scope.post(path, {
        config: { openapi: callDocument(operation, summary, path), permission },
        bodyLimit: BODY_LIMIT,
        onRequest: entrance(wire, permission),
        errorHandler: (error, request, reply) => refuse(wire, error, request, new ClientAnswer(reply)),
        handler: answering(wire, (request, who, client) => {
          const params = { ...textsOf(request.query), ...textsOf(request.params) };
          return app.get(CompatibleCalls).serve({ request, operation, entered: who, client, params });
        }),
      });
    }
    for (const { path, wire, id } of LIST_ROUTES) {
      const permission = 'workspaces:ListModels';
      scope.get(path, {
        config: { openapi: listDocument(id, wire), permission },
        onRequest: entrance(wire, permission),
        handler: answering(wire, async (_request, who, client) => {
          const list = await app.get(ModelLists).list(who, wire);
          client.send(200, { 'content-type': 'application/json' }, Buffer.from(JSON.stringify(list), 'utf8'));
        }),
      });
    }
    done();
  });
}

function textsOf(values: unknown): Record<string, string> {
  const entries = typeof values === 'object' && values !== null ? Object.entries(values) : [];
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** The logger keeps of `err` only what is safe. */
function tell(app: INestApplication, { id, method, routeOptions }: FastifyRequest, err: unknown): void {
  app
    .get<Logger>(LOGGER)
    .error({ requestId: id, method, route: routeOptions.url, err }, 'unexpected failure');
}
