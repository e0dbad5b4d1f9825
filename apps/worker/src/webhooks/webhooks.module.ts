import { Module, type DynamicModule } from '@nestjs/common';
import type { WebhooksConfig, WorkerConfig } from '#lib/config';
import { WebhookOpener } from '#lib/custody/webhook-opener';
import { createEgressGuard, EgressGuard, systemResolver, type Resolver } from '#lib/egress';
import { systemClock } from '#lib/kernel';
import { createKms, type KmsObserver } from '#lib/kms';
import { OwnKmsStore, PgPool, sealedRefs } from '#lib/persistence';
import { Metrics } from '#lib/telemetry';
import { Endpoint } from './endpoint.js';
import { Signer } from './signer.js';
import { WebhookSenderService } from './webhook-sender.service.js';
import { WebhooksProcessor } from './webhooks.processor.js';

/** Only in a worker that was given what opens signing secrets. In any other, messages are written down and wait. */
@Module({})
export class WebhooksModule {
  static register(config: WorkerConfig, resolver: Resolver = systemResolver): DynamicModule {
    const { webhooks } = config;
    if (!webhooks) return { module: WebhooksModule };
    const { databaseUrl, redisUrl } = config;
    const settings = { ...webhooks, databaseUrl, redisUrl };
    return {
      module: WebhooksModule,
      providers: [
        {
          provide: WebhookOpener,
          inject: [PgPool, Metrics],
          useFactory: (pool: PgPool, metrics: Metrics) => opener(config, webhooks, pool, metrics),
        },
        { provide: EgressGuard, useFactory: () => createEgressGuard('worker', settings, resolver) },
        Signer,
        Endpoint,
        WebhookSenderService,
        WebhooksProcessor,
      ],
    };
  }
}

/** Refuses to boot without the keys that stored signing secrets were sealed to, and with those of another purpose. */
async function opener(
  { env, deployment }: WorkerConfig,
  { kms: settings, orgKms }: WebhooksConfig,
  pool: PgPool,
  metrics: Metrics,
): Promise<WebhookOpener> {
  const storedRefs = await sealedRefs(pool, 'webhook');
  const ownKms = {
    keys: new OwnKmsStore(pool),
    aws: orgKms,
    clock: systemClock,
    process: 'webhooks' as const,
  };
  const observer: KmsObserver = (...call) => metrics.kmsCall(...call);
  const kms = createKms(settings, 'open', { env, storedRefs, ownKms, observer });
  if (settings.adapter === 'local') await kms.describe('primary', 'webhook');
  return new WebhookOpener(kms, deployment, systemClock);
}
