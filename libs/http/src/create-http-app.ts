import type { DynamicModule, LoggerService, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import cookie from '@fastify/cookie';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { countRequests, logRequests, type Logger, type Metrics } from '#lib/telemetry';
import { DRAIN_BOUNDS, registerDraining, type DrainBounds } from './drain.js';
import { ReadableBodyInterceptor, registerJsonParser } from './json-body.js';
import { pathOf, ProblemFilter } from './problem.filter.js';
import { problemFor } from './problem.js';
import { rateLimitHeaders } from './rate-limit.js';
import {
  logFieldsOf,
  newRequestStore,
  requestIdFrom,
  runInRequest,
  type RequestStore,
} from './request-context.js';
import { recordRoutes } from './route-dump.js';
import { SECURITY_HEADERS } from './security-headers.js';
import { traceContextFrom, traceparentOf } from './trace-context.js';
import { UndeclaredInputInterceptor } from './undeclared-input.interceptor.js';
import { unusedConnections } from './unused-connections.js';
import { validationPipe } from './validation.pipe.js';

export interface HttpAppOptions {
  /** Before every controller route, e.g. `api/v1`; `/livez` and `/readyz` stay outside of it. */
  prefix?: string;
  /** Where requests and unexpected failures are told. */
  log: Pick<Logger, 'info' | 'error'>;
  /** Where requests are counted. */
  metrics?: Metrics;
  /** Nest's own messages; false for silence. */
  nestLogger?: LoggerService | false;
  /** Bytes of body taken; 1 MiB unless told. */
  bodyLimit?: number;
  /** How much of a body that was refused is still read, so that its sender gets the answer. */
  drain?: DrainBounds;
  /** Whose `X-Forwarded-For` is believed; a proxy on this machine unless told. */
  trustProxy?: string | string[] | boolean;
  /** Builds the modules without making their providers: enough to emit the document. */
  preview?: boolean;
}

/** What is read of a request, whichever hook asks. */
type KnownRequest = Pick<FastifyRequest, 'id' | 'ip' | 'headers'>;

const ONE_MEBIBYTE = 1_048_576;

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
  const unused = unusedConnections(fastify.server);
  fastify.addHook('preClose', async () => unused.end());
  const storeOf = addHooks(fastify);
  registerDraining(fastify, options.drain ?? DRAIN_BOUNDS);
  logRequests(fastify, options.log, (request) => logFieldsOf(storeOf(request)));
  if (options.metrics) countRequests(fastify, options.metrics);
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

/** Answers what finds the store of a request: its own asynchronous context is gone when its answer is out. */
function addHooks(fastify: FastifyInstance): (request: KnownRequest) => RequestStore {
  const stores = new WeakMap<object, RequestStore>();
  const storeOf = (request: KnownRequest): RequestStore => {
    const known = stores.get(request);
    if (known) return known;
    const trace = traceContextFrom(request.headers['traceparent']);
    const store = newRequestStore(request.id, request.ip ?? null, trace);
    stores.set(request, store);
    return store;
  };
  fastify.addHook('onRequest', (request, reply, done) => {
    const store = storeOf(request);
    void reply.headers({ ...SECURITY_HEADERS, ...idHeaders(store) });
    runInRequest(store, done);
  });
  // Reading the body continues on the socket's own asynchronous context: enter the request's again.
  fastify.addHook('preValidation', (request, _reply, done) => runInRequest(storeOf(request), done));
  fastify.addHook('onSend', (request, reply, payload, done) => {
    void reply.headers(rateLimitHeaders([...storeOf(request).rateLimits.values()]));
    done(null, payload);
  });
  return storeOf;
}

function idHeaders({ requestId, trace }: RequestStore): Record<string, string> {
  return { 'x-request-id': requestId, traceparent: traceparentOf(trace) };
}

/** A URL that the router cannot even read: no hook and no filter runs for it. */
function answerUnrouted(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const trace = traceContextFrom(request.headers['traceparent']);
  const problem = problemFor(error, request.id, pathOf(request));
  void reply.status(problem.status).headers({
    ...SECURITY_HEADERS,
    ...idHeaders(newRequestStore(request.id, null, trace)),
    ...problem.headers,
  });
  void reply.send(JSON.stringify(problem.body));
}
