import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUILD } from './processes.js';

/** One line of a built file, and what stands there instead. */
export interface Break {
  file: string;
  sound: string;
  broken: string;
}

/**
 * A copy of the built engine that is wrong on purpose, for a control: the series must be able to see what it looks for.
 * `more` names further folders of the build that it starts from.
 */
export function brokenEngine(
  breaks: readonly Break[],
  more: readonly string[] = [],
): { build: string; remove(): void } {
  const folder = mkdtempSync(join(BUILD, 'broken-'));
  const build = join(folder, 'dist');
  cpSync(join(BUILD, '../package.json'), join(folder, 'package.json'));
  for (const part of ['apps/engine', 'libs', ...more]) {
    cpSync(join(BUILD, part), join(build, part), { recursive: true });
  }
  for (const { file, sound, broken } of breaks) {
    const path = join(build, file);
    const source = readFileSync(path, 'utf8');
    if (!source.includes(sound))
      throw new Error(`${file} has no "${sound}" to break: say here how it reads now`);
    writeFileSync(path, source.replace(sound, broken));
  }
  return { build, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
