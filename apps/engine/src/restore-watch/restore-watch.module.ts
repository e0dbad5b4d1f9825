import { readFileSync } from 'node:fs';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { EngineConfig } from '#lib/config';
import { CheckpointStore, CheckpointVerifier, lastEpoch, PgPool } from '#lib/persistence';
import { LOGGER, type Logger } from '#lib/telemetry';
import { RestoreWatch, type Epochs } from './restore-watch.js';

@Global()
@Module({})
export class RestoreWatchModule {
  static register(config: EngineConfig): DynamicModule {
    const watch = {
      provide: RestoreWatch,
      inject: [PgPool, LOGGER],
      useFactory: (pool: PgPool, log: Logger) => new RestoreWatch(epochs(config, pool), log),
    };
    return { module: RestoreWatchModule, providers: [watch], exports: [RestoreWatch] };
  }
}

/** Without a checkpoint file there is nothing to compare with. */
function epochs({ checkpoints, deployment }: EngineConfig, pool: PgPool): Epochs {
  if (!checkpoints) return { ofDatabase: async () => 0, outside: async () => 0 };
  const verifier = new CheckpointVerifier(readFileSync(checkpoints.publicKeyPath, 'utf8'));
  const store = new CheckpointStore(pool);
  return {
    ofDatabase: () => store.epoch(),
    outside: () => lastEpoch(checkpoints.path, verifier, deployment),
  };
}
