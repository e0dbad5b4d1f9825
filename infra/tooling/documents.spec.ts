import { describe, expect, it } from '@jest/globals';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { KNOWN_VARIABLES } from '../../libs/config/src/unknown-variables.js';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const documents = [
  'README.md',
  'SECURITY.md',
  'CHANGELOG.md',
  ...globSync('infra/docs/**/*.md', { cwd: ROOT }),
];

describe('documents', () => {
  it('link to files that exist', () => {
    const broken = documents.flatMap((file) =>
      [...read(file).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)]
        .map(([, target = '']) => target)
        .filter((target) => !existsSync(join(ROOT, dirname(file), target)))
        .map((target) => `${file}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('SECURITY.md names a proof for each promise, and each proof exists', () => {
    const promises = read('SECURITY.md')
      .split('\n')
      .filter((line) => line.startsWith('| ') && line.includes('`'));
    const named = promises.map((line) =>
      [...line.matchAll(/`((?:apps|libs|infra)\/[^`]+)`/g)].map(([, path = '']) => path),
    );
    const without = promises.filter((_, i) => named[i]?.length === 0);
    const missing = named.flat().filter((path) => globSync(path, { cwd: ROOT }).length === 0);
    expect({ promises: promises.length > 15, without, missing }).toEqual({
      promises: true,
      without: [],
      missing: [],
    });
  });

  it('settings.md describes every setting that a process reads', () => {
    const text = read('infra/docs/settings.md');
    // `NAME_FILE` goes with `NAME`, but where the file is the setting itself.
    const described = (name: string): boolean =>
      [name, name.replace(/_FILE$/, '')].some((spelled) => text.includes(`\`${spelled}\``));
    expect(KNOWN_VARIABLES.filter((name) => !described(name))).toEqual([]);
  });

  it('decisions are numbered without a gap or a double', () => {
    const numbers = globSync('infra/docs/adr/*.md', { cwd: ROOT }).map((file) =>
      Number(file.split('/').at(-1)?.slice(0, 4)),
    );
    expect(numbers.sort((a, b) => a - b)).toEqual(numbers.map((_, i) => i + 1));
  });
});
