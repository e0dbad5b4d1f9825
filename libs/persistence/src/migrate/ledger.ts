import type { Client } from 'pg';
import { newUuid } from '#lib/kernel';
import { sqlFailure } from '../errors/sql-state.js';
import { REMEMBER_CONTRACT } from '../installation/settings.js';
import { MigrationError } from './errors.js';
import type { MigrationFile } from './migration-files.js';

/** Prisma's own ledger table, so that its tools read what was applied. */
const LEDGER = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id varchar(36) PRIMARY KEY,
    checksum varchar(64) NOT NULL,
    finished_at timestamptz,
    migration_name varchar(255) NOT NULL UNIQUE,
    logs text,
    rolled_back_at timestamptz,
    started_at timestamptz NOT NULL DEFAULT now(),
    applied_steps_count integer NOT NULL DEFAULT 0
  )`;

/** Applies what is missing, each file in one transaction with its ledger row. Answers the names that were applied. */
export async function applyMigrations(client: Client, files: MigrationFile[]): Promise<string[]> {
  await client.query('SET client_min_messages = warning');
  await client.query(LEDGER);
  const applied = await readLedger(client);
  refuseUnknown(applied, files);
  const pending = files.filter((file) => !isApplied(applied, file));
  for (const file of pending) await apply(client, file);
  return pending.map((file) => file.name);
}

async function readLedger(client: Client): Promise<Map<string, string>> {
  const { rows } = await client.query<{ migration_name: string; checksum: string }>(
    'SELECT migration_name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL',
  );
  return new Map(rows.map((row) => [row.migration_name, row.checksum]));
}

function refuseUnknown(applied: Map<string, string>, files: MigrationFile[]): void {
  const known = new Set(files.map((file) => file.name));
  const unknown = [...applied.keys()].filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw new MigrationError(
    `the database was migrated by a newer Claviger (${unknown.join(', ')}): run that version, or restore a backup.`,
  );
}

function isApplied(applied: Map<string, string>, file: MigrationFile): boolean {
  const checksum = applied.get(file.name);
  if (checksum !== undefined && checksum !== file.checksum) {
    throw new MigrationError(
      `${file.name}.sql was edited after it was applied: put it back and write a new migration.`,
    );
  }
  return checksum !== undefined;
}

/**
 * Less than Postgres waits before it looks for deadlocks (1 s): where a step and a call wait for each other's tables, the
 * step gives way and begins again, and no call fails because of it.
 */
const LOCK_TIMEOUT_MS = 400;
const ATTEMPTS = 150;

async function apply(client: Client, file: MigrationFile): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await applyOnce(client, file);
    } catch (cause) {
      if (gaveWay(cause) && attempt < ATTEMPTS) {
        // Whoever queued behind it goes first.
        await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 200));
        continue;
      }
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new MigrationError(`${file.name}.sql failed and was rolled back: ${reason}`, { cause });
    }
  }
}

async function applyOnce(client: Client, file: MigrationFile): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await client.query(file.sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, clock_timestamp(), 1)`,
      [newUuid(), file.checksum, file.name],
    );
    if (file.contract) await client.query(REMEMBER_CONTRACT, [JSON.stringify(file.contract)]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

/** `lock_not_available`, or chosen as the one to end in a deadlock all the same. */
function gaveWay(error: unknown): boolean {
  const state = sqlFailure(error)?.state;
  return state === '55P03' || state === '40P01';
}
