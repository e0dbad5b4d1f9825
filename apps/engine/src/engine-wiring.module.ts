import { readFileSync } from 'node:fs';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { EngineConfig } from '#lib/config';
import { Opener } from '#lib/custody/opener';
import { createEgressGuard, type Resolver } from '#lib/egress';
import { newUuid, type Clock } from '#lib/kernel';
import { createKms, type KmsObserver } from '#lib/kms';
import { FairPlaces } from '#lib/limits';
import { OwnKmsStore, PgPool, sealedRefs } from '#lib/persistence';
import { Metrics } from '#lib/telemetry';
import {
  CLOCK,
  EGRESS_GUARD,
  ENGINE_ID,
  OPENER,
  PAUSES,
  RUN_SLOTS,
  SHUTDOWN_GRACE,
  TICKET_PUBLIC_KEY,
} from './tokens.js';

/** What the rooms are given from outside: settings, clock, the one opener, the one way out. */
@Global()
@Module({})
export class EngineWiringModule {
  static register(config: EngineConfig, clock: Clock, resolver?: Resolver): DynamicModule {
    const providers = [
      { provide: CLOCK, useValue: clock },
      { provide: ENGINE_ID, useFactory: () => newUuid() },
      {
        provide: RUN_SLOTS,
        useValue: { perProcess: config.runSlots, perWorkspace: config.runSlotsPerWorkspace },
      },
      { provide: SHUTDOWN_GRACE, useValue: { ms: config.shutdownGraceSeconds * 1_000 } },
      { provide: FairPlaces, useFactory: () => new FairPlaces(config.runPlaces) },
      { provide: PAUSES, useValue: { ms: config.pauseMinutes * 60_000 } },
      { provide: TICKET_PUBLIC_KEY, useFactory: () => readFileSync(config.ticketPublicKeyPath, 'utf8') },
      {
        provide: OPENER,
        inject: [PgPool, Metrics],
        useFactory: (pool: PgPool, metrics: Metrics) => opener(config, clock, pool, metrics),
      },
      { provide: EGRESS_GUARD, useFactory: () => createEgressGuard('engine', config, resolver) },
    ];
    return { module: EngineWiringModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}

/** Refuses to boot without the keys that stored secrets were sealed to: a later call could only say that it failed. */
async function opener(config: EngineConfig, clock: Clock, pool: PgPool, metrics: Metrics): Promise<Opener> {
  const storedRefs = await sealedRefs(pool, 'call');
  const ownKms = { keys: new OwnKmsStore(pool), aws: config.orgKms, clock };
  const observer: KmsObserver = (...call) => metrics.kmsCall(...call);
  const kms = createKms(config.kms, 'open', { env: config.env, storedRefs, ownKms, observer });
  return new Opener(kms, config.deployment, clock, 'call');
}
