import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { assertEveryRouteDeclares } from '#lib/access';
import type { EngineConfig } from '#lib/config';
import type { Resolver } from '#lib/egress';
import { buildOpenApi, createHttpApp, requestContext, OpenApiHolder } from '#lib/http';
import type { Clock } from '#lib/kernel';
import { createLogger, Metrics } from '#lib/telemetry';
import { registerCallContext } from './access/call-context.js';
import { AppModule } from './app.module.js';
import { putCallsInFront, registerCompatibleRoutes } from './compatible/routes.js';
import { ENGINE_DOCUMENT } from './document-info.js';

export interface CreateAppOptions {
  clock?: Clock;
  /** How names of tenants' URLs become addresses; the system's resolver unless told. */
  resolver?: Resolver;
  /** Enough to emit the document: no provider is made, no connection opened. */
  preview?: boolean;
  /** One of several processes, whose signals and end are its primary's matter. */
  isChild?: boolean;
}

/** An agent's prompt, with the history that it may bring, is longer than what the control plane takes. */
const BODY_LIMIT = 4 * 1_048_576;

/** The execution plane, ready to listen. Throws when a route declares no permission. */
export async function createApp(
  config: EngineConfig,
  options: CreateAppOptions = {},
): Promise<NestFastifyApplication> {
  const log = createLogger({
    process: 'engine',
    level: config.logLevel,
    context: () => requestContext.logFields,
  });
  const metrics = new Metrics('engine');
  const app = await createHttpApp(AppModule.register(config, metrics, options.clock, options.resolver), {
    prefix: 'internal/v1',
    log,
    metrics,
    bodyLimit: BODY_LIMIT,
    trustProxy: ['loopback', ...config.trustedProxies],
    preview: options.preview ?? false,
  });
  const fastify = app.getHttpAdapter().getInstance();
  registerCallContext(fastify);
  await registerCompatibleRoutes(app, fastify);
  if (options.preview) return app;
  if (!options.isChild) app.enableShutdownHooks();
  await app.init();
  putCallsInFront(app, fastify);
  assertEveryRouteDeclares(app);
  app.get(OpenApiHolder).document = buildOpenApi(app, ENGINE_DOCUMENT);
  return app;
}
