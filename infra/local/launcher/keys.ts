import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError } from '#lib/kernel';
import { localKeysets } from '#lib/kms';
import { writePrivate } from './data-dir.js';

/** Where the key files of a local installation are; each process is told, and may read, only its own. */
export interface KeyFiles {
  publicKeyset: string;
  /** Opens provider keys: the engine's alone. */
  callKeyset: string;
  /** Opens what signs webhooks: the worker's alone. */
  webhookKeyset: string;
  ticketPrivateKey: string;
  ticketPublicKey: string;
  fingerprintPepper: string;
  /** Signs audit checkpoints: the worker's alone. */
  auditPrivateKey: string;
  auditPublicKey: string;
}

/** What was made with keys before: a key that it needs and that is missing is a loss, never a first start. */
export interface KeyUses {
  /** Sealed secrets are stored. */
  ciphertextExists: boolean;
  /** Checkpoints of the audit log are signed. */
  checkpointsExist: boolean;
  /** Duplicates are told by a pepper. */
  pepperInUse: boolean;
}

export const NO_USES: KeyUses = { ciphertextExists: false, checkpointsExist: false, pepperInUse: false };

/** Makes the key files that don't exist yet under `folder`, unless something was made with the one that is missing. */
export function ensureKeys(folder: string, uses: KeyUses): KeyFiles {
  const keysets = localKeysets.generate(join(folder, 'kms'), { ciphertextExists: uses.ciphertextExists });
  const ticketPrivateKey = join(folder, 'tickets', 'private.pem');
  const ticketPublicKey = join(folder, 'ticket-check', 'public.pem');
  const fingerprintPepper = join(folder, 'fingerprint', 'pepper');
  const auditPrivateKey = join(folder, 'audit', 'private.pem');
  const auditPublicKey = join(folder, 'audit-check', 'public.pem');
  ensurePair(ticketPrivateKey, ticketPublicKey);
  if (uses.checkpointsExist)
    refuseLost([auditPrivateKey, auditPublicKey], 'the audit log was signed with it');
  ensurePair(auditPrivateKey, auditPublicKey);
  if (uses.pepperInUse) refuseLost([fingerprintPepper], 'stored secrets are told apart by it');
  if (!existsSync(fingerprintPepper)) place(fingerprintPepper, randomBytes(32).toString('base64'));
  return {
    publicKeyset: keysets.publicKeysetPath,
    callKeyset: keysets.privateKeysetPaths.call,
    webhookKeyset: keysets.privateKeysetPaths.webhook,
    ticketPrivateKey,
    ticketPublicKey,
    fingerprintPepper,
    auditPrivateKey,
    auditPublicKey,
  };
}

/** The operator's token of this installation: made at the first start, the same at every later one. */
export function ensureOperatorToken(folder: string): string {
  const file = join(folder, 'operator', 'token');
  if (!existsSync(file)) place(file, randomBytes(32).toString('base64url'));
  return readFileSync(file, 'utf8').trim();
}

function refuseLost(files: string[], why: string): void {
  const lost = files.find((file) => !existsSync(file));
  if (lost === undefined) return;
  throw new AppError(
    'key_lost',
    `${lost} is missing, but ${why}: restore the file from your backup. No new one is made in its place.`,
  );
}

/** An Ed25519 pair, unless both halves are there. */
function ensurePair(privateKey: string, publicKey: string): void {
  if (existsSync(privateKey) && existsSync(publicKey)) return;
  const pair = generateKeyPairSync('ed25519');
  place(publicKey, pair.publicKey.export({ type: 'spki', format: 'pem' }).toString());
  place(privateKey, pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
}

function place(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writePrivate(file, text);
}
