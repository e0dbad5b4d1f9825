import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { systemClock, type Clock } from '#lib/kernel';
import { CheckpointStore } from './checkpoints/checkpoint-store.js';
import { assertServes } from './installation/serves.js';
import { Lookups } from './lookups/lookups.js';
import type { ProcessRole } from './migrate/roles.js';
import { NoticeStore } from './notice-store.js';
import { PolicyAlertStore } from './policy-alert-store.js';
import { QuotaAlertStore } from './quota-alert-store.js';
import { PgPool } from './pg/pg-pool.js';
import { assertPrimary } from './pg/primary.js';
import { PurgeStore } from './purge-store.js';
import { EventListener } from './records/event-listener.js';
import { RewrapStore } from './rewrap-store.js';
import { AuthorisedStateReader } from './state/authorised-state.reader.js';
import { TenantDb } from './tenant/tenant-db.js';
import { UsageStore } from './usage-store.js';
import { WebhookAttempts } from './webhooks/webhook-attempts.js';
import { WebhookMessages } from './webhooks/webhook-messages.js';
import { WorkerStore } from './worker-store.js';

export interface PersistenceOptions {
  /** This process' own role login. */
  databaseUrl: string;
  role: ProcessRole;
  /** CLAVIGER_DEPLOYMENT, compared with the database's. */
  deployment?: string;
  clock?: Clock;
  /** Told when the event connection was lost (it reconnects by itself). */
  onTrouble?: (error: unknown) => void;
}

/**
 * The engine reads permissions over connections that nothing else uses: writers that wait for each other, or for a lock, must
 * not make a revocation late or a caller's rights unknown.
 */
const STATE_POOL = Symbol('connections for permissions');
const STATE_CONNECTIONS = 5;

/** What a process gets of the database: each role what it needs. The ORM is the control plane's only. */
@Module({})
export class PersistenceModule {
  static forRoot(options: PersistenceOptions): DynamicModule {
    const providers = providersFor(options);
    return { module: PersistenceModule, global: true, providers, exports: providers };
  }
}

function providersFor(options: PersistenceOptions): Provider[] {
  const { databaseUrl, role, clock = systemClock } = options;
  const name = role.replace('_', '-');
  const reader = (from: typeof PgPool | typeof STATE_POOL): Provider => ({
    provide: AuthorisedStateReader,
    inject: [from],
    useFactory: (pgPool: PgPool) => new AuthorisedStateReader(pgPool, clock),
  });
  const pool: Provider[] = [{ provide: PgPool, useFactory: () => checkedPool(options) }, Lookups];
  const statePool = {
    provide: STATE_POOL,
    useFactory: () =>
      new PgPool({
        databaseUrl,
        name: `${name}-state`,
        max: STATE_CONNECTIONS,
        onConnect: assertPrimary,
      }),
  };
  const orm = { provide: TenantDb, useFactory: () => new TenantDb({ databaseUrl }) };
  const listener = {
    provide: EventListener,
    useFactory: () =>
      new EventListener({ databaseUrl, onTrouble: options.onTrouble, runs: role === 'claviger_engine' }),
  };
  switch (role) {
    case 'claviger_api':
      return [...pool, reader(PgPool), orm];
    case 'claviger_engine':
      return [...pool, statePool, reader(STATE_POOL), listener, CheckpointStore];
    case 'claviger_worker':
      return [
        ...pool,
        reader(PgPool),
        listener,
        WorkerStore,
        UsageStore,
        NoticeStore,
        PolicyAlertStore,
        QuotaAlertStore,
        PurgeStore,
        RewrapStore,
        CheckpointStore,
        WebhookMessages,
        WebhookAttempts,
      ];
  }
}

/** Nothing of a process is made over a database that it can't work with: whatever needs the pool waits for this. */
async function checkedPool({ databaseUrl, role, deployment }: PersistenceOptions): Promise<PgPool> {
  const pool = new PgPool({ databaseUrl, name: role.replace('_', '-') });
  try {
    await assertPrimary(pool);
    await assertServes(pool, { deployment });
    return pool;
  } catch (error) {
    await pool.close();
    throw error;
  }
}
