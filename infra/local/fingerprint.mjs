// What a build step was made from, as one hash: equal inputs need no second run.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

const SKIPPED = new Set([
  'node_modules',
  'dist',
  '.next',
  '.claviger',
  '.git',
  'generated',
  'fixtures',
  'next-env.d.ts',
]);

/** Every file under `start` (a file or folder) that `wanted` accepts, sorted. */
export function filesUnder(start, wanted = () => true) {
  if (!existsSync(start)) return [];
  if (statSync(start).isFile()) return wanted(start) ? [start] : [];
  return readdirSync(start, { withFileTypes: true })
    .filter((entry) => !SKIPPED.has(entry.name))
    .flatMap((entry) => filesUnder(join(start, entry.name), wanted))
    .sort();
}

/** A hash over the names and contents of `files`, with paths relative to `root`. */
export function fingerprint(root, files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const content = readFileSync(file);
    hash.update(`${relative(root, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}
