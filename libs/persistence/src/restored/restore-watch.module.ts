import { readFileSync } from 'node:fs';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { LOGGER, type Logger } from '#lib/telemetry';
import { CheckpointVerifier } from '../checkpoints/checkpoint-line.js';
import { CheckpointReader } from '../checkpoints/checkpoint-reader.js';
import { EpochMemory } from './epoch-memory.js';
import { RestoreStore } from './restore-store.js';
import { RestoreWatch } from './restore-watch.js';

export interface RestoreWatchOptions {
  deployment: string;
  /** Null: this process knows what the others notice, and nothing by itself. */
  checkpoints: { path: string; publicKeyPath: string } | null;
  /** Folder of this process's own memory; null: it has none. */
  stateDir: string | null;
  tells: boolean;
}

/** The one watch of a process, for whoever must not act on an old copy. */
@Global()
@Module({})
export class RestoreWatchModule {
  static register({ deployment, checkpoints, stateDir, tells }: RestoreWatchOptions): DynamicModule {
    const watch = {
      provide: RestoreWatch,
      inject: [RestoreStore, LOGGER],
      useFactory: (store: RestoreStore, log: Logger) => {
        const reader =
          checkpoints &&
          new CheckpointReader(
            checkpoints.path,
            new CheckpointVerifier(readFileSync(checkpoints.publicKeyPath, 'utf8')),
            deployment,
          );
        const memory = stateDir === null ? null : new EpochMemory(stateDir, deployment);
        return new RestoreWatch(store, { checkpoints: reader, memory, tells }, log);
      },
    };
    return { module: RestoreWatchModule, providers: [RestoreStore, watch], exports: [RestoreWatch] };
  }
}
