import { mkdirSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, PgPool } from '#lib/persistence';
import { startPostgres } from '../../../../infra/local/postgres/index.js';

export const TEMPLATE = 'claviger_template';

/** One server for all spec files that this process runs: each file has its own module registry, hence the note on disk. */
interface Note {
  superuserUrl: string;
  /** When this process started, in ms: a note of an earlier process with the same pid must not be believed. */
  owner: number;
}

let started: Promise<string> | undefined;

/** The superuser's login of this process' throwaway server with a migrated template database. */
export function testCluster(): Promise<string> {
  started ??= findOrStart();
  return started;
}

async function findOrStart(): Promise<string> {
  const base = join(tmpdir(), `claviger-test-${process.pid}`);
  const note = join(base, 'note.json');
  const known = await readFile(note, 'utf8').then(
    (text) => JSON.parse(text) as Note,
    () => undefined,
  );
  if (known && Math.abs(known.owner - processStart()) < 5_000) return known.superuserUrl;
  await rm(base, { recursive: true, force: true });
  mkdirSync(base, { mode: 0o755 });
  const { superuserUrl } = await startPostgres({ dataDir: base, throwaway: true });
  await makeTemplate(superuserUrl);
  const fresh: Note = { superuserUrl, owner: processStart() };
  await writeFile(`${note}.new`, JSON.stringify(fresh), { mode: 0o600 });
  await rename(`${note}.new`, note);
  return superuserUrl;
}

async function makeTemplate(superuserUrl: string): Promise<void> {
  const pool = new PgPool({ databaseUrl: superuserUrl, max: 1 });
  try {
    await pool.query(`CREATE DATABASE ${TEMPLATE}`);
  } finally {
    await pool.close();
  }
  await migrate(withDatabase(superuserUrl, TEMPLATE));
}

export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.toString();
}

function processStart(): number {
  return Date.now() - process.uptime() * 1_000;
}
