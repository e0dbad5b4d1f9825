import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '#lib/kernel';
import {
  CheckpointReader,
  CheckpointVerifier,
  compareEpochs,
  EpochMemory,
  PgPool,
  RestoreStore,
  wordsFor,
  type Verdict,
} from '#lib/persistence';

/** Where the signed audit checkpoints are kept: outside of the database, so that its restoring does not take them back. */
export function checkpointFile(configured: string | null, dataDir: string): string {
  const path = resolve(configured ?? join(dataDir, 'checkpoints', 'audit.ndjson'));
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return path;
}

export interface Places {
  checkpoints: string;
  publicKey: string;
  /** The engine's own folder. */
  engineState: string;
  deployment: string;
}

/**
 * Throws when the database is not the one that was seen before: keys and tokens that were revoked since would work again.
 * The engine refuses too; this says so before anything is started.
 */
export async function refuseOldCopy(adminUrl: string, places: Places): Promise<void> {
  const pool = new PgPool({ databaseUrl: adminUrl, name: 'claviger-launcher', max: 1 });
  try {
    const verifier = new CheckpointVerifier(readFileSync(places.publicKey, 'utf8'));
    const { verdict } = await compareEpochs(new RestoreStore(pool), {
      checkpoints: new CheckpointReader(places.checkpoints, verifier, places.deployment),
      memory: new EpochMemory(places.engineState, places.deployment),
    });
    if (verdict.kind === 'present' || mendsItself(verdict)) return;
    throw new AppError('database_restored', wordsFor(verdict));
  } finally {
    await pool.close();
  }
}

/** A worker that runs puts an older file right; what somebody else noticed of the file, they will see for themselves. */
function mendsItself(verdict: Verdict): boolean {
  return (
    verdict.kind === 'older_checkpoints' || (verdict.kind === 'noticed' && verdict.cause === 'no_checkpoints')
  );
}
