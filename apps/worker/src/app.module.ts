import { Module, type DynamicModule } from '@nestjs/common';
import type { WorkerConfig } from '#lib/config';
import type { Resolver } from '#lib/egress';
import { HealthModule, MetricsModule } from '#lib/http';
import { assertServes, PersistenceModule, PgPool, RestoreWatchModule } from '#lib/persistence';
import { queueBackend } from '#lib/queue';
import { loggerModule, type Metrics } from '#lib/telemetry';
import { AuditCheckpointsModule } from './audit-checkpoints/audit-checkpoints.module.js';
import { BacklogMetricsModule } from './backlog-metrics/backlog-metrics.module.js';
import { ExpiryNoticesModule } from './expiry-notices/expiry-notices.module.js';
import { KeyRewrapModule } from './key-rewrap/key-rewrap.module.js';
import { OutboxRelayModule } from './outbox-relay/outbox-relay.module.js';
import { QueuesModule } from './queues.module.js';
import { RetentionModule } from './retention/retention.module.js';
import { ShreddingModule } from './shredding/shredding.module.js';
import { UsageRollupModule } from './usage-rollup/usage-rollup.module.js';
import { WebhooksModule } from './webhooks/webhooks.module.js';

/** Work that no caller waits for. It opens what signs webhooks and nothing else; while a re-wrap runs it holds a KMS's `reEncrypt` instead. */
@Module({})
export class AppModule {
  static register(config: WorkerConfig, metrics: Metrics, resolver?: Resolver): DynamicModule {
    return {
      module: AppModule,
      imports: [
        loggerModule({ process: 'worker', level: config.logLevel }),
        // On the worker's own port, whatever CLAVIGER_METRICS_PORT says.
        MetricsModule.forRoot({ metrics, host: config.host, port: null }),
        PersistenceModule.forRoot(database(config)),
        RestoreWatchModule.register({ ...evidence(config), tells: true }),
        HealthModule.forRoot({
          inject: [PgPool],
          useFactory: (pool: PgPool) => [
            { name: 'database', check: () => pool.ping() },
            { name: 'schema', check: () => assertServes(pool) },
          ],
        }),
        QueuesModule.forRoot(queueBackend(config.databaseUrl, config.redisUrl)),
        AuditCheckpointsModule.register(config),
        BacklogMetricsModule,
        ExpiryNoticesModule,
        KeyRewrapModule.register(config),
        OutboxRelayModule,
        RetentionModule,
        ShreddingModule,
        UsageRollupModule.register(config),
        WebhooksModule.register(config, resolver),
      ],
    };
  }
}

/** The worker writes the file of checkpoints, so it reads it as well; it remembers nothing of its own. */
function evidence({ deployment, checkpoints }: WorkerConfig) {
  return { deployment, checkpoints: checkpoints?.file ?? null, stateDir: null };
}

function database({ databaseUrl, deployment }: WorkerConfig) {
  return { databaseUrl, deployment, role: 'claviger_worker' as const };
}
