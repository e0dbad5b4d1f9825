import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError, hmacSha256 } from '#lib/kernel';
import { localKeysets } from '#lib/kms';
import {
  CheckpointVerifier,
  PgPool,
  readInstallationFacts,
  rememberOnce,
  type InstallationFacts,
} from '#lib/persistence';
import type { KeyFiles, KeyUses } from './keys.js';

/** What the database says was made with keys. `adminUrl` is the owner's login or a superuser's. */
export async function keyUses(adminUrl: string): Promise<KeyUses> {
  const facts = await withPool(adminUrl, readInstallationFacts);
  return {
    ciphertextExists: facts.sealedUnder.length > 0,
    checkpointsExist: facts.auditSigner !== null,
    pepperInUse: facts.pepperCheck !== undefined,
  };
}

/**
 * Throws unless these are the keys that the database's secrets, checkpoints and fingerprints were made with; remembers
 * the pepper's check value at the first start. Each process refuses keys that it can't use, too; this says so before any is
 * started, and notices keys whose loss would only show later.
 */
export async function refuseForeignKeys(adminUrl: string, keys: KeyFiles): Promise<void> {
  const pepperCheck = pepperCheckOf(keys);
  await withPool(adminUrl, async (pool) => {
    const faults = keyFaults(await readInstallationFacts(pool), keys);
    if (faults.length > 0) throw foreign(faults);
    await rememberOnce(pool, 'pepperCheck', pepperCheck);
  });
}

interface KeyFault {
  file: string;
  fault: string;
}

function keyFaults(facts: InstallationFacts, keys: KeyFiles): KeyFault[] {
  const faults: KeyFault[] = [];
  const held = Object.values(localKeysets.refs(dirname(dirname(keys.callKeyset)))).flat();
  const missing = facts.sealedUnder.find((ref) => ref.startsWith('local:') && !held.includes(ref));
  if (missing !== undefined)
    faults.push({
      file: keys.callKeyset.replace('/call/', `/${missing.split(':')[1]}/`),
      fault: `does not hold the key ${missing} that stored secrets were sealed to`,
    });
  const auditKeys = new CheckpointVerifier(readFileSync(keys.auditPublicKey, 'utf8'));
  if (facts.auditSigner !== null && !auditKeys.knows(facts.auditSigner))
    faults.push({
      file: keys.auditPublicKey,
      fault: `does not hold the key ${facts.auditSigner} that the audit log was signed with`,
    });
  if (facts.pepperCheck !== undefined && facts.pepperCheck !== pepperCheckOf(keys))
    faults.push({
      file: keys.fingerprintPepper,
      fault: 'is not the pepper that stored secrets are told apart by',
    });
  return faults;
}

/** All wrong at once: somebody else's folder. Otherwise each file is named. */
function foreign(faults: KeyFault[]): AppError {
  const list = faults.map(({ file, fault }) => `${file} ${fault}`).join('; ');
  return faults.length === 3
    ? new AppError(
        'foreign_keys',
        `these are the keys of another installation (${list}): restore the keys that belong to this database.`,
      )
    : new AppError('wrong_keys', `${list}: restore the right file from your backup.`);
}

function pepperCheckOf({ fingerprintPepper }: KeyFiles): string {
  return hmacSha256(readFileSync(fingerprintPepper), 'claviger/pepper-check').toString('hex').slice(0, 32);
}

async function withPool<T>(adminUrl: string, fn: (pool: PgPool) => Promise<T>): Promise<T> {
  const pool = new PgPool({ databaseUrl: adminUrl, name: 'claviger-launcher', max: 1 });
  try {
    return await fn(pool);
  } finally {
    await pool.close();
  }
}
