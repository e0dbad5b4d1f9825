import type { DynamicModule, LoggerService, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import cookie from '@fastify/cookie';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { logRequests, type Logger } from '#lib/telemetry';
import { ReadableBodyInterceptor, registerJsonParser } from './json-body.js';
import { pathOf, ProblemFilter } from './problem.filter.js';
import { problemFor } from './problem.js';
import { newRequestStore, requestIdFrom, runInRequest, type RequestStore } from './request-context.js';
import { recordRoutes } from './route-dump.js';
import { UndeclaredInputInterceptor } from './undeclared-input.interceptor.js';
import { validationPipe } from './validation.pipe.js';

export interface HttpAppOptions {
  /** Before every controller route, e.g. `api/v1`; `/livez` and `/readyz` stay outside of it. */
  prefix?: string;
  /** Where requests and unexpected failures are told. */
  log: Pick<Logger, 'info' | 'error'>;
  /** Nest's own messages; false for silence. */
  nestLogger?: LoggerService | false;
  /** Bytes of body taken; 1 MiB unless told. */
  bodyLimit?: number;
  /** Whose `X-Forwarded-For` is believed; a proxy on this machine unless told. */
  trustProxy?: string | string[] | boolean;
  /** Builds the modules without making their providers: enough to emit the document. */
  preview?: boolean;
}

const ONE_MEBIBYTE = 1_048_576;
const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
};

/** The Nest application on Fastify that every process serves: problems, validation, request context, limits, headers. */
export async function createHttpApp(
  module: Type | DynamicModule,
  options: HttpAppOptions,
): Promise<NestFastifyApplication> {
  const bodyLimit = options.bodyLimit ?? ONE_MEBIBYTE;
  const adapter = new FastifyAdapter({
    bodyLimit,
    trustProxy: options.trustProxy ?? 'loopback',
    genReqId: (request: IncomingMessage) => requestIdFrom(request.headers['x-request-id']),
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 2_048 },
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
      answerUnrouted(error, request, reply),
  });
  const fastify = adapter.getInstance();
  recordRoutes(fastify);
  addHooks(fastify);
  logRequests(fastify, options.log);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    abortOnError: false,
    logger: options.nestLogger ?? false,
    preview: options.preview ?? false,
  });
  registerJsonParser(fastify, bodyLimit);
  await fastify.register(cookie);
  if (options.prefix) app.setGlobalPrefix(options.prefix, { exclude: ['livez', 'readyz'] });
  app.useGlobalFilters(new ProblemFilter(options.log));
  app.useGlobalInterceptors(new ReadableBodyInterceptor(), new UndeclaredInputInterceptor());
  app.useGlobalPipes(validationPipe());
  return app;
}

function addHooks(fastify: FastifyInstance): void {
  const stores = new WeakMap<FastifyRequest, RequestStore>();
  fastify.addHook('onRequest', (request, reply, done) => {
    const store = newRequestStore(request.id, request.ip ?? null);
    stores.set(request, store);
    void reply.headers({ ...SECURITY_HEADERS, 'x-request-id': request.id });
    runInRequest(store, done);
  });
  // Reading the body continues on the socket's own asynchronous context: enter the request's again.
  fastify.addHook('preValidation', (request, reply, done) => {
    runInRequest(stores.get(request) ?? newRequestStore(request.id, request.ip), done);
  });
}

/** A URL that the router cannot even read: no hook and no filter runs for it. */
function answerUnrouted(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemFor(error, request.id, pathOf(request));
  void reply
    .status(problem.status)
    .headers({ ...SECURITY_HEADERS, 'x-request-id': request.id, ...problem.headers });
  void reply.send(JSON.stringify(problem.body));
}
