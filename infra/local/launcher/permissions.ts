import { join } from 'node:path';

/**
 * Flags that put a process behind Node's permission model (ADR 0005): it reads its own code and the files named, writes to
 * the folders named, and can start no program, worker, addon or inspector, nor signal another process. Code that an attacker gets to run inside the api then cannot read the
 * engine's keyset from the same disk, though both run as one OS user.
 */
export function confined(root: string, files: string[], writable: string[] = []): string[] {
  const readable = [join(root, 'dist'), join(root, 'node_modules'), join(root, 'package.json'), ...files];
  const quiet = ['--import', join(root, 'dist/infra/local/launcher/no-signals.js')];
  // node:sqlite opens and writes files without asking the permission model (seen in Node 24.21).
  return [
    '--permission',
    '--no-experimental-sqlite',
    ...readable.map((path) => `--allow-fs-read=${path}`),
    ...writable.map((path) => `--allow-fs-write=${path}`),
    ...quiet,
  ];
}
