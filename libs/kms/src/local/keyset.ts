import { AppError } from '#lib/kernel';
import { PURPOSES, type KmsRef, type Purpose } from '../kms.port.js';
import { KeyFileError } from './key-file.js';
import { keyCheckOf, publicHalf } from './hpke.js';

const PUBLIC_FORMAT = 'claviger-public-keyset/1';
const PRIVATE_FORMAT = 'claviger-private-keyset/1';

export interface LocalKey {
  /** The first half of the key check: what a `kms_ref` names. */
  id: string;
  keyCheck: string;
  bytes: Buffer;
}

/** The keys of one purpose: `primary` for new data keys, all of them for old ones. */
export interface Keyset {
  primary: LocalKey;
  keys: LocalKey[];
}
export type PublicKeysets = Record<Purpose, Keyset>;
export interface PrivateKeyset extends Keyset {
  purpose: Purpose;
}

/** Reads the public keyset file's text. Throws KeyFileError. */
export function parsePublicKeysets(path: string, text: string): PublicKeysets {
  const root = object(path, json(path, text));
  if (root['format'] !== PUBLIC_FORMAT) throw damaged(path, `its format is not ${PUBLIC_FORMAT}`);
  const purposes = object(path, root['purposes']);
  const read = (purpose: Purpose): Keyset => keyset(path, object(path, purposes[purpose]), (bytes) => bytes);
  return { call: read('call'), webhook: read('webhook'), login: read('login') };
}

/** Reads a private keyset file's text; ids are recomputed, so that a damaged key is noticed at boot. Throws KeyFileError. */
export function parsePrivateKeyset(path: string, text: string): PrivateKeyset {
  const root = object(path, json(path, text));
  if (root['format'] !== PRIVATE_FORMAT) throw damaged(path, `its format is not ${PRIVATE_FORMAT}`);
  const purpose = PURPOSES.find((candidate) => candidate === root['purpose']);
  if (!purpose) throw damaged(path, 'its purpose is unknown');
  return { purpose, ...keyset(path, root, publicHalf) };
}

/** How a key is named in `kms_ref`. */
export function refOf(purpose: Purpose, key: LocalKey): KmsRef {
  return `local:${purpose}:${key.id}`;
}

/** The text of a private keyset file. The first key is the primary; the caller wipes the keys. */
export function renderPrivateKeyset(purpose: Purpose, privateKeys: readonly [Buffer, ...Buffer[]]): string {
  const keys = privateKeys.map((bytes) => ({
    id: toKey(bytes, publicHalf).id,
    key: bytes.toString('base64url'),
  }));
  return `${JSON.stringify({ format: PRIVATE_FORMAT, purpose, primary: keys[0]?.id, keys }, null, 2)}\n`;
}

/** The text of the public keyset file that belongs to these private ones. */
export function renderPublicKeysets(keysets: readonly PrivateKeyset[]): string {
  const purposes = Object.fromEntries(
    keysets.map(({ purpose, primary, keys }) => [
      purpose,
      {
        primary: primary.id,
        keys: keys.map(({ id, bytes }) => ({ id, key: publicHalf(bytes).toString('base64url') })),
      },
    ]),
  );
  return `${JSON.stringify({ format: PUBLIC_FORMAT, purposes }, null, 2)}\n`;
}

function keyset(path: string, raw: Record<string, unknown>, toPublic: (bytes: Buffer) => Buffer): Keyset {
  if (!Array.isArray(raw['keys'])) throw damaged(path, 'it lists no keys');
  const keys = raw['keys'].map((item: unknown) => {
    const { id, key } = object(path, item);
    const bytes = typeof key === 'string' ? Buffer.from(key, 'base64url') : Buffer.alloc(0);
    if (bytes.length !== 32) throw damaged(path, 'a key in it is not 32 bytes long');
    const parsed = toKey(bytes, toPublic);
    if (parsed.id !== id)
      throw damaged(path, `the key ${String(id)} in it is not the one that the id was made from`);
    return parsed;
  });
  const primary = keys.find((key) => key.id === raw['primary']);
  if (!primary) throw damaged(path, 'its primary key is not in it');
  return { primary, keys };
}

function toKey(bytes: Buffer, toPublic: (bytes: Buffer) => Buffer): LocalKey {
  const keyCheck = keyCheckOf(toPublic(bytes));
  return { id: keyCheck.slice(0, 32), keyCheck, bytes };
}

function json(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without the cause: a parser's message quotes the text, and the text holds keys.
    throw damaged(path, 'it is not JSON');
  }
}

function object(path: string, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw damaged(path, 'a part of it is missing');
  return Object.fromEntries(Object.entries(value));
}

function damaged(path: string, why: string): AppError {
  return new KeyFileError(`${path} is not a usable keyset: ${why}. Restore it from your backup.`);
}
