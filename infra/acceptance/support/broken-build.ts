import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../../..');

/** One thing to get wrong on purpose: a text of a built file, and what to write instead. */
export interface Break {
  /** Below `dist`. */
  file: string;
  sound: string;
  broken: string;
}

/** Copies the built engine and breaks the copy, for controls: what a suite cannot find there, it cannot find at all. */
export function brokenBuild(breaks: readonly Break[]): { folder: string; main: string; remove(): void } {
  const folder = mkdtempSync(join(ROOT, 'dist/broken-'));
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  for (const part of ['apps/engine', 'libs']) {
    cpSync(join(ROOT, 'dist', part), join(folder, 'dist', part), { recursive: true });
  }
  for (const { file, sound, broken } of breaks) {
    const path = join(folder, 'dist', file);
    const source = readFileSync(path, 'utf8');
    if (!source.includes(sound))
      throw new Error(`${file} has no "${sound}" to break: say here how it reads now`);
    writeFileSync(path, source.replace(sound, broken));
  }
  return {
    folder,
    main: join(folder, 'dist/apps/engine/src/main.js'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
