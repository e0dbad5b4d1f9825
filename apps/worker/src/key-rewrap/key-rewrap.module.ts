import { Module, type DynamicModule } from '@nestjs/common';
import type { WorkerConfig } from '#lib/config';
import { Rewrapper } from '#lib/custody/rewrapper';
import { createKms } from '#lib/kms';
import { KeyRewrapProcessor } from './key-rewrap.processor.js';
import { KeyRewrapService, REWRAP_FROM } from './key-rewrap.service.js';

/** Only in a worker whose operator asked for a re-wrap: any other holds nothing of a KMS. */
@Module({})
export class KeyRewrapModule {
  static register({ rewrap, env, deployment }: WorkerConfig): DynamicModule {
    if (!rewrap) return { module: KeyRewrapModule };
    const kms = createKms(rewrap.kms, 'rewrap', { env });
    return {
      module: KeyRewrapModule,
      providers: [
        { provide: Rewrapper, useValue: new Rewrapper(kms, deployment) },
        { provide: REWRAP_FROM, useValue: rewrap.from },
        KeyRewrapService,
        KeyRewrapProcessor,
      ],
    };
  }
}
