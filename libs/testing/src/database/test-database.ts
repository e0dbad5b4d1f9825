import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PgPool, roleUrl } from '#lib/persistence';
import { startPostgres } from '../../../../infra/local/postgres/index.js';
import { TEMPLATE, testCluster, withDatabase } from './cluster.js';

export interface TestDatabase {
  /** Login of the database's owner: what DATABASE_URL holds in a deployment. */
  ownerUrl: string;
  /** Sees everything: for arranging and for looking behind the walls. */
  superuserUrl: string;
  apiUrl: string;
  engineUrl: string;
  workerUrl: string;
  /** Drops the database. The server ends with the process that runs the specs. */
  stop(): Promise<void>;
}

/** A fresh, migrated database on a real server: a copy of a template, made in well under a second. */
export async function startTestDatabase(): Promise<TestDatabase> {
  const cluster = await testCluster();
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onCluster(cluster, `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
  const ownerUrl = withDatabase(cluster, name);
  return {
    ownerUrl,
    superuserUrl: ownerUrl,
    apiUrl: roleUrl(ownerUrl, 'claviger_api'),
    engineUrl: roleUrl(ownerUrl, 'claviger_engine'),
    workerUrl: roleUrl(ownerUrl, 'claviger_worker'),
    stop: () => onCluster(cluster, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

/** An empty database on the same server: for specs of the migrator itself. */
export async function startEmptyDatabase(): Promise<{ superuserUrl: string; stop(): Promise<void> }> {
  const cluster = await testCluster();
  const name = `empty_${randomBytes(6).toString('hex')}`;
  await onCluster(cluster, `CREATE DATABASE ${name}`);
  return {
    superuserUrl: withDatabase(cluster, name),
    stop: () => onCluster(cluster, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

/** A server of its own without any of our roles, as an operator brings one. */
export async function startBareServer(): Promise<{ superuserUrl: string; stop(): Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'claviger-bare-'));
  await chmod(dataDir, 0o755); // the database's user must get in
  return startPostgres({ dataDir, throwaway: true });
}

async function onCluster(superuserUrl: string, statement: string): Promise<void> {
  const pool = new PgPool({ databaseUrl: superuserUrl, max: 1 });
  try {
    await pool.query(statement);
  } finally {
    await pool.close();
  }
}
