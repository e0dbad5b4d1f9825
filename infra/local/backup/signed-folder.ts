import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError, sha256OfStream } from '#lib/kernel';
import type { CheckpointSigner, CheckpointVerifier, Signature } from '#lib/persistence';
import { writePrivate } from '../launcher/data-dir.js';
import type { FileEntry, Manifest } from './manifests.js';

const MANIFEST = 'manifest.json';
const SIGNATURE = 'manifest.sig.json';
const signatureShape = z.object({ signedBy: z.string(), signature: z.string() });

/** A folder's manifest as it was read, with the text that was signed. */
export interface ReadManifest<M extends Manifest> {
  manifest: M;
  text: string;
  signature: Signature;
}

/** Length and hash of each file below `folder`, in the order given. */
export async function entriesOf(folder: string, paths: readonly string[]): Promise<FileEntry[]> {
  const entries: FileEntry[] = [];
  for (const path of paths) {
    const sha256 = await sha256OfStream(createReadStream(join(folder, path)));
    entries.push({ path, bytes: statSync(join(folder, path)).size, sha256: sha256.toString('hex') });
  }
  return entries;
}

/** Puts manifest and signature into the folder. */
export function writeManifest(folder: string, manifest: Manifest, signer: CheckpointSigner): void {
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  writePrivate(join(folder, MANIFEST), text);
  writePrivate(join(folder, SIGNATURE), `${JSON.stringify(signer.signManifest(text), null, 2)}\n`);
}

/** Reads a manifest of this shape; believed only after `checkSignature`. Throws `no_backup` or `backup_altered`. */
export function readManifest<M extends Manifest>(folder: string, shape: z.ZodType<M>): ReadManifest<M> {
  if (!existsSync(join(folder, MANIFEST)))
    throw new AppError(
      'no_backup',
      `${folder} holds no ${MANIFEST}: name the folder that the backup was written to.`,
    );
  try {
    const text = readFileSync(join(folder, MANIFEST), 'utf8');
    const signature = signatureShape.parse(JSON.parse(readFileSync(join(folder, SIGNATURE), 'utf8')));
    return { manifest: shape.parse(JSON.parse(text)), text, signature };
  } catch (cause) {
    throw new AppError(
      'backup_altered',
      `${folder} cannot be used: its ${MANIFEST} or ${SIGNATURE} is missing, cut off, or not of this kind of folder.`,
      { cause },
    );
  }
}

/** Throws unless one of these keys signed the manifest: which of the two is the wrong one, the message says. */
export function checkSignature(
  folder: string,
  read: ReadManifest<Manifest>,
  verifier: CheckpointVerifier,
): void {
  const { signature, text } = read;
  if (!verifier.knows(signature.signedBy)) {
    throw new AppError(
      'foreign_keys',
      `${folder} was signed with the audit key ${signature.signedBy}, which is not among these keys: they belong to another installation, or to a later time of this one. Give the keys that were backed up with it.`,
    );
  }
  if (verifier.genuineManifest(text, signature)) return;
  throw new AppError('backup_altered', `the ${MANIFEST} of ${folder} was altered after it was signed.`);
}

/** Throws unless every file is there as it was written. */
export async function checkFiles(folder: string, files: readonly FileEntry[]): Promise<void> {
  for (const { path, bytes, sha256 } of files) {
    const file = join(folder, path);
    if (!existsSync(file)) throw new AppError('backup_incomplete', `${file} is missing from the backup.`);
    const size = statSync(file).size;
    if (size < bytes)
      throw new AppError('backup_truncated', `${file} is cut off: ${size} of ${bytes} bytes are there.`);
    const found = (await sha256OfStream(createReadStream(file))).toString('hex');
    if (found !== sha256)
      throw new AppError('backup_altered', `${file} is not what was backed up: it was altered.`);
  }
}
