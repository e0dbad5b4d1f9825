import { Module, type DynamicModule } from '@nestjs/common';
import { AccessModule } from '#lib/access';
import type { EngineConfig } from '#lib/config';
import type { Resolver } from '#lib/egress';
import { HealthModule, MetricsModule, OpenApiModule } from '#lib/http';
import { systemClock, type Clock } from '#lib/kernel';
import {
  assertPrimary,
  assertServes,
  PersistenceModule,
  PgPool,
  RestoreWatch,
  RestoreWatchModule,
} from '#lib/persistence';
import { loggerModule, type Metrics } from '#lib/telemetry';
import { EnginePrincipalSource } from './access/engine-principal-source.js';
import { AgentRunsModule } from './agent-runs/agent-runs.module.js';
import { CompareModule } from './compare/compare.module.js';
import { CompatibleModule } from './compatible/compatible.module.js';
import { EngineWiringModule } from './engine-wiring.module.js';
import { KeyActionsModule } from './key-actions/key-actions.module.js';
import { KeysModule } from './keys/keys.module.js';
import { StateCache } from './keys/state-cache.js';
import { OwnKmsModule } from './own-kms/own-kms.module.js';
import { RatesModule } from './rates/rates.module.js';
import { SpansModule } from './spans/spans.module.js';

/** The execution plane. */
@Module({})
export class AppModule {
  static register(
    config: EngineConfig,
    metrics: Metrics,
    clock: Clock = systemClock,
    resolver?: Resolver,
  ): DynamicModule {
    return {
      module: AppModule,
      imports: [
        loggerModule({ process: 'engine', level: config.logLevel }),
        MetricsModule.forRoot({ metrics, host: config.host, port: config.metricsPort }),
        EngineWiringModule.register(config, clock, resolver),
        PersistenceModule.forRoot({ ...database(config), clock }),
        RestoreWatchModule.register({ ...config, tells: true }),
        AccessModule.forRoot({
          publicUrl: config.publicUrl,
          imports: [KeysModule],
          inject: [StateCache],
          source: (states: StateCache) => new EnginePrincipalSource(states, clock),
        }),
        OpenApiModule,
        HealthModule.forRoot({
          inject: [PgPool, RestoreWatch],
          useFactory: (pool: PgPool, watch: RestoreWatch) => [
            { name: 'database', check: () => pool.ping() },
            { name: 'schema', check: () => assertServes(pool) },
            { name: 'primary', check: () => assertPrimary(pool) },
            { name: 'presentDatabase', check: async () => watch.assertCurrent() },
          ],
        }),
        SpansModule.register(config, resolver),
        RatesModule.register(config),
        AgentRunsModule,
        CompareModule,
        KeyActionsModule,
        OwnKmsModule,
        CompatibleModule,
      ],
    };
  }
}

function database({ databaseUrl, deployment }: EngineConfig) {
  return { databaseUrl, deployment, role: 'claviger_engine' as const };
}
