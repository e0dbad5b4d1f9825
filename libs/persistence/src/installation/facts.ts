import { CheckpointStore } from '../checkpoints/checkpoint-store.js';
import type { PgPool } from '../pg/pg-pool.js';
import { sealedRefs } from '../records/sealed-refs.js';
import { appliedMigrations } from './serves.js';
import { readInstallation, type InstallationSettings } from './settings.js';

/** What must fit together for an installation to boot: its settings, its schema, and which keys it needs. */
export interface InstallationFacts extends InstallationSettings {
  /** Names of the applied migrations. */
  migrations: string[];
  /** Of the audit log's checkpoints. */
  epoch: number;
  /** `kms_ref` of every master key that stored secrets are wrapped under. */
  sealedUnder: string[];
  /** Name of the key that signed the latest checkpoint; null before the first. */
  auditSigner: string | null;
  orgs: number;
}

/** Reads the facts of a migrated database; for the owner's login. */
export async function readInstallationFacts(pool: PgPool): Promise<InstallationFacts> {
  const store = new CheckpointStore(pool);
  const epoch = await store.epoch();
  return {
    ...(await readInstallation(pool)),
    migrations: await appliedMigrations(pool),
    epoch,
    sealedUnder: await sealedRefs(pool),
    auditSigner: await store.lastSigner(),
    orgs: (await store.orgs()).length,
  };
}
