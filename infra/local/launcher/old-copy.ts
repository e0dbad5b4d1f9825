import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '#lib/kernel';
import { CheckpointStore, CheckpointVerifier, lastEpoch, PgPool } from '#lib/persistence';

/** Where the signed audit checkpoints are kept: outside of the database, so that its restoring does not take them back. */
export function checkpointFile(configured: string | null, dataDir: string): string {
  const path = resolve(configured ?? join(dataDir, 'checkpoints', 'audit.ndjson'));
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return path;
}

/**
 * Throws when the database is older than its checkpoints: keys and tokens that were revoked since would work again. The
 * engine refuses too; this says so before anything is started.
 */
export async function refuseOldCopy(
  adminUrl: string,
  path: string,
  publicKeyPath: string,
  deployment: string,
): Promise<void> {
  const pool = new PgPool({ databaseUrl: adminUrl, name: 'claviger-launcher', max: 1 });
  try {
    const verifier = new CheckpointVerifier(readFileSync(publicKeyPath, 'utf8'));
    const outside = await lastEpoch(path, verifier, deployment);
    const here = await new CheckpointStore(pool).epoch();
    if (here >= outside) return;
    throw new AppError(
      'database_restored',
      `this database is an old copy: its epoch is ${here}, and ${path} knows of ${outside}. What was revoked since would work again. ` +
        'Follow infra/docs/runbooks/restored-database.md; then: npm run audit -- acknowledge-restore --reason "…"',
    );
  } finally {
    await pool.close();
  }
}
