import { Module } from '@nestjs/common';
import type { Opener } from '#lib/custody/opener';
import { AuthorisedStateReader, RestoreWatch } from '#lib/persistence';
import type { Clock } from '#lib/kernel';
import { WatchedSource } from '../restore-watch/watched-source.js';
import { CatalogueSource } from '../pipeline/catalogue-source.js';
import { CLOCK, OPENER } from '../tokens.js';
import { CataloguedSource } from './catalogued-source.js';
import { KeyLeases } from './key-lease.js';
import { OpenRuns } from './open-runs.js';
import { RevocationListener } from './revocation-listener.js';
import { StateCache } from './state-cache.js';

@Module({
  providers: [
    CatalogueSource,
    {
      provide: StateCache,
      inject: [AuthorisedStateReader, RestoreWatch, CatalogueSource, CLOCK],
      useFactory: (
        reader: AuthorisedStateReader,
        watch: RestoreWatch,
        catalogues: CatalogueSource,
        clock: Clock,
      ) => new StateCache(new CataloguedSource(new WatchedSource(reader, watch), catalogues), clock),
    },
    {
      provide: OpenRuns,
      inject: [StateCache, CLOCK],
      useFactory: (states: StateCache, clock: Clock) => new OpenRuns(states, clock),
    },
    { provide: KeyLeases, inject: [OPENER], useFactory: (opener: Opener) => new KeyLeases(opener) },
    RevocationListener,
  ],
  exports: [CatalogueSource, StateCache, OpenRuns, KeyLeases],
})
export class KeysModule {}
