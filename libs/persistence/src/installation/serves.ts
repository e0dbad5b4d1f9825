import { AppError } from '#lib/kernel';
import { sqlFailure } from '../errors/sql-state.js';
import { MIGRATIONS } from '../generated/migrations.js';
import type { PgClient } from '../pg/pg-pool.js';
import { readInstallation } from './settings.js';

/** What a process was built for. */
export interface BuiltFor {
  /** Its own CLAVIGER_DEPLOYMENT; undefined: not compared. */
  deployment?: string;
  /** The migrations that it knows; those of this build unless told. */
  migrations?: readonly string[];
}

const READABLE_SINCE = '0018_processes_read_the_ledger';

type Refusal = 'schema_behind' | 'schema_ahead' | 'other_deployment';

/**
 * Throws unless a process may work with this database (ADR 0016): every migration that it knows has been applied, none
 * since has taken away what it uses, and the database is that of its own deployment. A newer schema that only adds is fine.
 */
export async function assertServes(pg: PgClient, builtFor: BuiltFor = {}): Promise<void> {
  const { deployment, migrations = MIGRATIONS } = builtFor;
  const applied = new Set(await appliedMigrations(pg));
  const missing = migrations.filter((name) => !applied.has(name));
  if (missing.length > 0) throw behind(missing);
  const { contract, deployment: theirs } = await readInstallation(pg);
  if (contract && !migrations.includes(contract.needs)) {
    throw refusal(
      'schema_ahead',
      `Claviger ${contract.release} has taken from the database what this older version uses (it needs ${contract.needs}): start ${contract.release} or newer.`,
    );
  }
  if (deployment === undefined || theirs === undefined || theirs === deployment) return;
  throw refusal(
    'other_deployment',
    `this database belongs to the deployment "${theirs}", and CLAVIGER_DEPLOYMENT is "${deployment}": no sealed secret would open, and its checkpoints would go unseen. Set it to "${theirs}".`,
  );
}

/** The names in the ledger; none where it does not exist. Throws `schema_behind` where processes may not read it yet. */
export async function appliedMigrations(pg: PgClient): Promise<string[]> {
  try {
    const { rows } = await pg.query<{ name: string }>(
      'SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY 1',
    );
    return rows.map(({ name }) => name);
  } catch (error) {
    const { state } = sqlFailure(error) ?? {};
    if (state === '42P01') return [];
    if (state === '42501') throw behind([READABLE_SINCE]);
    throw error;
  }
}

function behind(missing: string[]): AppError<Refusal> {
  const names =
    missing.length > 3 ? `${missing.length} migrations up to ${missing.at(-1)}` : missing.join(', ');
  return refusal(
    'schema_behind',
    `the database lacks ${names}, which this version needs: run its migrator first (infra/docs/runbooks/upgrade.md).`,
  );
}

function refusal(code: Refusal, detail: string): AppError<Refusal> {
  return new AppError(code, detail);
}
