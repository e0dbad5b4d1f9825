import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { sha256 } from '#lib/kernel';

/** The head of an organization's audit chain at a moment. */
export interface CheckpointFacts {
  kind: 'checkpoint';
  /** Name of the installation. */
  deployment: string;
  epoch: number;
  /** `org_…` */
  orgId: string;
  seq: number;
  /** Of the event `seq`, hexadecimal. */
  hash: string;
  /** RFC 3339, milliseconds, UTC. */
  at: string;
}

/** An operator took note that an old copy of the database was restored: what came between is lost. */
export interface AcknowledgementFacts {
  kind: 'restore-acknowledged';
  deployment: string;
  epoch: number;
  /** The last epoch before the restore. */
  acknowledges: number;
  /** The epoch of the copy. */
  restoredTo: number;
  reason: string;
  at: string;
}

/** The script restored a backup: until somebody acknowledges that, the database is behind this line. */
export interface RestoreFacts {
  kind: 'backup-restored';
  deployment: string;
  /** Past that of the copy and of every line before. */
  epoch: number;
  /** The epoch of the copy. */
  restoredTo: number;
  /** When the backup was taken, RFC 3339. */
  takenAt: string;
  at: string;
}

/** The file was begun: with the installation, or anew by an operator after it was lost. It vouches for no epoch of its own. */
export interface BeginningFacts {
  kind: 'checkpoints-begun';
  deployment: string;
  epoch: 0;
  /** The database's epoch then. */
  beganAt: number;
  reason: string;
  at: string;
}

type Facts = CheckpointFacts | AcknowledgementFacts | RestoreFacts | BeginningFacts;
export interface Signature {
  /** Which key: the first 16 hexadecimal digits of SHA-256 of its public half (SPKI, DER). */
  signedBy: string;
  /** Ed25519 (RFC 8032), hexadecimal. */
  signature: string;
}
export type SignedCheckpoint = CheckpointFacts & Signature;
export type SignedAcknowledgement = AcknowledgementFacts & Signature;
export type SignedRestore = RestoreFacts & Signature;
export type SignedBeginning = BeginningFacts & Signature;
export type CheckpointLine = SignedCheckpoint | SignedAcknowledgement | SignedRestore | SignedBeginning;

const CONTEXT = 'claviger audit checkpoint v1\n';

/** Signs checkpoints with the private key of a PEM (PKCS #8, Ed25519). */
export class CheckpointSigner {
  readonly #key: KeyObject;
  readonly signedBy: string;

  constructor(privateKeyPem: string) {
    this.#key = createPrivateKey(privateKeyPem);
    if (this.#key.asymmetricKeyType !== 'ed25519') throw new Error('the key is not an Ed25519 key');
    this.signedBy = nameOf(createPublicKey(this.#key));
  }

  sign<F extends Facts>(facts: F): F & Signature {
    const signature = sign(null, bytesOf(facts), this.#key).toString('hex');
    return { ...facts, signedBy: this.signedBy, signature };
  }

  /** Signs the list of a backup's files, so that only who has the keys can make one that is believed. */
  signManifest(text: string): Signature {
    return { signedBy: this.signedBy, signature: sign(null, manifestBytes(text), this.#key).toString('hex') };
  }
}

/** Checks signatures against the public keys of a PEM: the present one, and those before it. */
export class CheckpointVerifier {
  readonly #keys: Map<string, KeyObject>;

  constructor(publicKeysPem: string) {
    const blocks = publicKeysPem.match(/-----BEGIN PUBLIC KEY-----[^]*?-----END PUBLIC KEY-----/g) ?? [];
    const keys = blocks.map((block) => createPublicKey(block));
    this.#keys = new Map(keys.map((key) => [nameOf(key), key]));
    if (this.#keys.size === 0) throw new Error('the file holds no public key');
  }

  /** Whether the key of this name is one of the known ones. */
  knows(signedBy: string): boolean {
    return this.#keys.has(signedBy);
  }

  genuineManifest(text: string, { signedBy, signature }: Signature): boolean {
    const key = this.#keys.get(signedBy);
    return key !== undefined && verify(null, manifestBytes(text), key, Buffer.from(signature, 'hex'));
  }

  genuine(line: CheckpointLine): boolean {
    const key = this.#keys.get(line.signedBy);
    return key !== undefined && verify(null, bytesOf(line), key, Buffer.from(line.signature, 'hex'));
  }
}

/** The line of a checkpoint file, or undefined where it is none (cut off, foreign, empty). */
export function parseCheckpointLine(text: string): CheckpointLine | undefined {
  const value = parsed(text);
  if (typeof value !== 'object' || value === null) return undefined;
  const line = value as Partial<CheckpointLine>;
  const signed = areTexts(line.deployment, line.at, line.signedBy, line.signature);
  if (!signed || !areNumbers(line.epoch)) return undefined;
  switch (line.kind) {
    case 'checkpoint':
      return areTexts(line.orgId, line.hash) && areNumbers(line.seq) ? (line as SignedCheckpoint) : undefined;
    case 'restore-acknowledged':
      return areNumbers(line.acknowledges, line.restoredTo) && areTexts(line.reason)
        ? (line as SignedAcknowledgement)
        : undefined;
    case 'backup-restored':
      return areNumbers(line.restoredTo) && areTexts(line.takenAt) ? (line as SignedRestore) : undefined;
    case 'checkpoints-begun':
      return areNumbers(line.beganAt) && line.epoch === 0 && areTexts(line.reason)
        ? (line as SignedBeginning)
        : undefined;
    case undefined:
      return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What is signed: the context and the facts in a fixed order. */
function bytesOf(facts: Facts): Buffer {
  const { kind, deployment, epoch, at } = facts;
  return Buffer.from(CONTEXT + JSON.stringify([kind, deployment, epoch, at, ...ownFacts(facts)]));
}

function ownFacts(facts: Facts): (string | number)[] {
  switch (facts.kind) {
    case 'checkpoint':
      return [facts.orgId, facts.seq, facts.hash];
    case 'restore-acknowledged':
      return [facts.acknowledges, facts.restoredTo, facts.reason];
    case 'backup-restored':
      return [facts.restoredTo, facts.takenAt];
    case 'checkpoints-begun':
      return [facts.beganAt, facts.reason];
  }
}

function manifestBytes(text: string): Buffer {
  return Buffer.from(`claviger backup manifest v1\n${text}`);
}

function nameOf(key: KeyObject): string {
  return sha256(key.export({ type: 'spki', format: 'der' }))
    .toString('hex')
    .slice(0, 16);
}

function areTexts(...values: unknown[]): boolean {
  return values.every((value) => typeof value === 'string');
}

function areNumbers(...values: unknown[]): boolean {
  return values.every((value) => Number.isSafeInteger(value));
}
