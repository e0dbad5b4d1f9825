import { Module, type DynamicModule } from '@nestjs/common';
import type { WorkerConfig } from '#lib/config';
import { Rewrapper } from '#lib/custody/rewrapper';
import { systemClock } from '#lib/kernel';
import { createKms } from '#lib/kms';
import { OwnKmsStore, PgPool } from '#lib/persistence';
import { KeyRewrapProcessor } from './key-rewrap.processor.js';
import { KeyRewrapService, REWRAP_FROM, REWRAP_PURPOSE } from './key-rewrap.service.js';
import { OWN_KMS_KEYS, OwnKeyRewrapService } from './own-key-rewrap.service.js';

/** Only in a worker whose operator asked for a re-wrap: any other holds nothing of a KMS. */
@Module({})
export class KeyRewrapModule {
  static register({ rewrap, env, deployment }: WorkerConfig): DynamicModule {
    if (!rewrap) return { module: KeyRewrapModule };
    const rewrapper = (keys: OwnKmsStore) => {
      const ownKms = { keys, aws: rewrap.orgKms, clock: systemClock };
      return new Rewrapper(createKms(rewrap.kms, 'rewrap', { env, ownKms }), deployment);
    };
    return {
      module: KeyRewrapModule,
      providers: [
        { provide: OWN_KMS_KEYS, inject: [PgPool], useFactory: (pool: PgPool) => new OwnKmsStore(pool) },
        { provide: Rewrapper, inject: [OWN_KMS_KEYS], useFactory: rewrapper },
        { provide: REWRAP_FROM, useValue: rewrap.from },
        { provide: REWRAP_PURPOSE, useValue: rewrap.purpose },
        KeyRewrapService,
        OwnKeyRewrapService,
        KeyRewrapProcessor,
      ],
    };
  }
}
