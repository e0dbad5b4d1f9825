import { readFileSync } from 'node:fs';
import { Module, type DynamicModule } from '@nestjs/common';
import type { CheckpointSigning, WorkerConfig } from '#lib/config';
import { systemClock } from '#lib/kernel';
import {
  CheckpointReader,
  CheckpointSigner,
  CheckpointStore,
  CheckpointVerifier,
  PgPool,
  RestoreStore,
} from '#lib/persistence';
import { LOGGER, type Logger } from '#lib/telemetry';
import { AuditCheckpointsProcessor, EVERY_MS } from './audit-checkpoints.processor.js';
import { AuditCheckpointsService, type CheckpointDesk } from './audit-checkpoints.service.js';

/** Signs the heads of the audit chains. Without a key it does nothing, and the log says so once. */
@Module({})
export class AuditCheckpointsModule {
  static register({ checkpoints, deployment }: WorkerConfig): DynamicModule {
    if (!checkpoints) return { module: AuditCheckpointsModule };
    return {
      module: AuditCheckpointsModule,
      providers: [
        AuditCheckpointsProcessor,
        { provide: EVERY_MS, useValue: checkpoints.everySeconds * 1_000 },
        {
          provide: AuditCheckpointsService,
          inject: [CheckpointStore, PgPool, LOGGER],
          useFactory: (store: CheckpointStore, pool: PgPool, log: Logger) =>
            new AuditCheckpointsService(
              store,
              new RestoreStore(pool),
              desk(checkpoints, deployment),
              systemClock,
              log,
            ),
        },
      ],
    };
  }
}

/** Read at boot: a key that is missing or broken stops the process then. */
function desk({ privateKeyPath, file }: CheckpointSigning, deployment: string): CheckpointDesk {
  return {
    deployment,
    signer: new CheckpointSigner(readFileSync(privateKeyPath, 'utf8')),
    file: file && {
      path: file.path,
      reader: new CheckpointReader(
        file.path,
        new CheckpointVerifier(readFileSync(file.publicKeyPath, 'utf8')),
        deployment,
      ),
    },
  };
}
