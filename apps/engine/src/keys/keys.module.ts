import { Module } from '@nestjs/common';
import type { Opener } from '#lib/custody/opener';
import { AuthorisedStateReader } from '#lib/persistence';
import type { Clock } from '#lib/kernel';
import { RestoreWatch } from '../restore-watch/restore-watch.js';
import { WatchedSource } from '../restore-watch/watched-source.js';
import { CLOCK, OPENER } from '../tokens.js';
import { KeyLeases } from './key-lease.js';
import { OpenRuns } from './open-runs.js';
import { RevocationListener } from './revocation-listener.js';
import { StateCache } from './state-cache.js';

@Module({
  providers: [
    {
      provide: StateCache,
      inject: [AuthorisedStateReader, RestoreWatch, CLOCK],
      useFactory: (reader: AuthorisedStateReader, watch: RestoreWatch, clock: Clock) =>
        new StateCache(new WatchedSource(reader, watch), clock),
    },
    {
      provide: OpenRuns,
      inject: [StateCache, CLOCK],
      useFactory: (states: StateCache, clock: Clock) => new OpenRuns(states, clock),
    },
    { provide: KeyLeases, inject: [OPENER], useFactory: (opener: Opener) => new KeyLeases(opener) },
    RevocationListener,
  ],
  exports: [StateCache, OpenRuns, KeyLeases],
})
export class KeysModule {}
