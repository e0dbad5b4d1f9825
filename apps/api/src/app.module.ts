import { Global, Module, type DynamicModule } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import type { ApiConfig } from '#lib/config';
import { AccessModule, LookupsPrincipalSource } from '#lib/access';
import { systemResolver, type Resolver } from '#lib/egress';
import { HealthModule, IdempotencyModule, MetricsModule, OpenApiModule } from '#lib/http';
import { hmacSha256, systemClock, type Clock } from '#lib/kernel';
import { assertServes, Lookups, PersistenceModule, PgPool, RestoreWatchModule } from '#lib/persistence';
import { loggerModule, type Metrics } from '#lib/telemetry';
import { FINGERPRINT_PEPPER } from './modules/secrets/index.js';
import { MODULES } from './modules.js';
import { API_CONFIG } from './common/settings.js';
import { CLOCK, RESOLVER } from './common/tokens.js';
import { RestoredGate } from './restored/restored-gate.js';
import { RestoredInterceptor } from './restored/restored.interceptor.js';

/** The control plane: shared walls here, its rooms in modules.ts. */
@Global()
@Module({})
export class AppModule {
  static register(
    config: ApiConfig,
    {
      metrics,
      clock = systemClock,
      resolver = systemResolver,
    }: { metrics: Metrics; clock?: Clock; resolver?: Resolver },
  ): DynamicModule {
    return {
      module: AppModule,
      imports: [
        loggerModule({ process: 'api', level: config.logLevel }),
        MetricsModule.forRoot({ metrics, host: config.host, port: config.metricsPort }),
        PersistenceModule.forRoot({ ...database(config), clock }),
        RestoreWatchModule.register(listensOnly(config)),
        AccessModule.forRoot({
          publicUrl: config.publicUrl,
          operatorToken: config.operatorToken,
          inject: [Lookups],
          source: (lookups: Lookups) => new LookupsPrincipalSource(lookups, clock),
        }),
        OpenApiModule,
        HealthModule.forRoot({
          inject: [PgPool],
          useFactory: (pool: PgPool) => [
            { name: 'database', check: () => pool.ping() },
            { name: 'schema', check: () => assertServes(pool) },
          ],
        }),
        IdempotencyModule.forRoot({
          inject: [FINGERPRINT_PEPPER],
          useFactory: (pepper: Buffer) => hmacSha256(pepper, 'idempotency'),
        }),
        ...MODULES,
      ],
      providers: [
        RestoredGate,
        { provide: APP_INTERCEPTOR, useClass: RestoredInterceptor },
        { provide: API_CONFIG, useValue: config },
        { provide: CLOCK, useValue: clock },
        { provide: RESOLVER, useValue: resolver },
      ],
      exports: [API_CONFIG, CLOCK, RESOLVER, RestoredGate],
    };
  }
}

/** What tells an old copy is the engine's and the worker's to read; this process hears of it through the database. */
function listensOnly({ deployment }: ApiConfig) {
  return { deployment, checkpoints: null, stateDir: null, tells: false };
}

function database({ databaseUrl, deployment }: ApiConfig) {
  return { databaseUrl, deployment, role: 'claviger_api' as const };
}
