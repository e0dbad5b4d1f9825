import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { AuditToolConfig } from '#lib/config';
import {
  appendCheckpoints,
  CheckpointReader,
  CheckpointSigner,
  compareEpochs,
  EpochMemory,
  RestoreStore,
  type CheckpointVerifier,
  type Comparison,
  type PgPool,
} from '#lib/persistence';
import { engineStateFolder } from '../launcher/engine-state.js';
import { acknowledgeRestore } from './acknowledge.js';

/** What the operator's commands about a restored database work with. */
export interface RestoreDesk {
  config: AuditToolConfig;
  /** The file of checkpoints, and what checks it. */
  path: string;
  verifier: CheckpointVerifier;
  say(line: string): void;
}

/** Lets the installation go on from an old copy. Answers the exit code. */
export async function acknowledge(
  desk: RestoreDesk,
  pool: PgPool,
  reason: string,
  past: number,
): Promise<number> {
  const { verdict, database } = await compare(desk, pool);
  const here = database.newest?.epoch ?? 0;
  const seen = [past, database.noticed.old_copy ?? 0, verdict.kind === 'old_copy' ? verdict.outside : 0];
  const outside = Math.max(...seen);
  if (outside === 0) {
    desk.say(`Nothing to acknowledge: the database (epoch ${here}) is not behind what was seen of it.`);
    if (verdict.kind === 'no_checkpoints') desk.say(MISSING);
    return 1;
  }
  const { epoch, restoredTo, orgs } = await acknowledgeRestore(pool, Math.max(outside, here), reason);
  desk.say(
    `Acknowledged: epoch ${restoredTo} was restored over ${outside}; it goes on at ${epoch}. The logs of ${orgs} organizations say so.`,
  );
  if (verdict.kind === 'no_checkpoints') desk.say(MISSING);
  return 0;
}

/** Begins the file of checkpoints anew, which is lost, or was not kept before. Answers the exit code. */
export async function beginCheckpoints(desk: RestoreDesk, pool: PgPool, reason: string): Promise<number> {
  const { verdict } = await compare(desk, pool);
  if (verdict.kind === 'old_copy') {
    desk.say('This database is an old copy. First: npm run audit -- acknowledge-restore --reason "…"');
    return 1;
  }
  if (verdict.kind !== 'no_checkpoints') {
    desk.say('Nothing to begin: the file is there, or there is no checkpoint yet and the worker begins it.');
    return 1;
  }
  const { deployment } = desk.config;
  const kind = 'checkpoints-begun' as const;
  const at = new Date().toISOString();
  const line = signerOf(desk).sign({ kind, deployment, epoch: 0, beganAt: verdict.here, reason, at });
  await appendCheckpoints(desk.path, [line]);
  desk.say(
    `Begun at the database's epoch ${verdict.here}. The worker fills the file up with what the database has; what only the lost file proved is gone.`,
  );
  return 0;
}

/** Says that the operator restored the database by their own means: nothing is served until that is acknowledged. */
export async function noteRestore(desk: RestoreDesk, pool: PgPool, takenAt: string): Promise<number> {
  const { verdict, database, evidence } = await compare(desk, pool);
  if (verdict.kind === 'old_copy') {
    desk.say('Known already: this database is an old copy. See infra/docs/runbooks/restored-database.md.');
    return 0;
  }
  const restoredTo = database.newest?.epoch ?? 0;
  const seen = [restoredTo, evidence.file?.epoch ?? 0, evidence.memory?.database.epoch ?? 0];
  const epoch = Math.max(...seen) + 1;
  const { deployment } = desk.config;
  const at = new Date().toISOString();
  const kind = 'backup-restored' as const;
  await appendCheckpoints(desk.path, [
    signerOf(desk).sign({ kind, deployment, epoch, restoredTo, takenAt, at }),
  ]);
  desk.say(
    `Noted: epoch ${epoch} is past everything that was seen. Nothing is served until: npm run audit -- acknowledge-restore --reason "…"`,
  );
  return 0;
}

const MISSING = 'The file of checkpoints is missing: npm run audit -- begin-checkpoints --reason "…"';

function compare({ config, path, verifier }: RestoreDesk, pool: PgPool): Promise<Comparison> {
  return compareEpochs(new RestoreStore(pool), {
    checkpoints: new CheckpointReader(path, verifier, config.deployment),
    memory: new EpochMemory(config.engineStateDir ?? engineStateFolder(config.dataDir), config.deployment),
  });
}

function signerOf({ config }: RestoreDesk): CheckpointSigner {
  const path = config.privateKeyPath ?? join(config.dataDir, 'keys/audit/private.pem');
  return new CheckpointSigner(readFileSync(resolve(path), 'utf8'));
}
