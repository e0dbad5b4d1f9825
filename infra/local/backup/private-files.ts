import { copyFileSync, chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * What a backup keeps private, below the folder of the data: the keys, the database's password (the processes' logins are
 * derived from it), and what the demo remembers. Relative paths, with `/`.
 */
export const PRIVATE_PLACES = {
  keys: 'keys',
  password: 'superuser-password',
  demo: 'demo.json',
} as const;

/** The regular files below a folder, relative to it, sorted. Drafts of a write that is going on are left out. */
export function filesBelow(folder: string, prefix = ''): string[] {
  return readdirSync(join(folder, prefix), { withFileTypes: true })
    .flatMap((entry) => {
      const path = prefix ? `${prefix}/${entry.name}` : entry.name;
      if (entry.isDirectory()) return filesBelow(folder, path);
      return entry.isFile() && !entry.name.startsWith('.') ? [path] : [];
    })
    .sort();
}

/** Copies a file so that its owner alone reads it, in folders that he alone enters. */
export function copyPrivately(from: string, to: string): void {
  makePrivate(dirname(to));
  copyFileSync(from, to);
  chmodSync(to, 0o600);
}

/** Makes a folder that only its owner may enter; one that is there keeps its mode. */
export function makePrivate(folder: string): void {
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
}
