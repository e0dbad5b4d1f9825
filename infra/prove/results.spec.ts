import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { brokenPromises } from './promises.js';
import { PROOFS } from './registry.js';
import { formFaults, type Result } from './result.js';
import { isAncestor, treeOf } from './tree.js';

// The committed results: every proof has one, it holds, it says what was promised, and it was measured on this very history.

const ROOT = resolve(import.meta.dirname, '../..');
const FOLDER = join(import.meta.dirname, 'results');
const names = globSync('*.json', { cwd: FOLDER }).map((file) => file.replace('.json', ''));
const resultOf = (name: string): Partial<Result> =>
  JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'));
const tree = treeOf(ROOT);

describe('results of the proofs', () => {
  it('are there for each proof, and for nothing else', () => {
    expect(names.sort()).toEqual(PROOFS.map(({ name }) => name).sort());
  });

  it.each(PROOFS)('$name: holds, and names commit, date, class of machine and duration', ({ name }) => {
    expect(formFaults(resultOf(name))).toEqual([]);
  });

  it.each(PROOFS)('$name: says what the proof shows by now, and keeps each of its promises', (proof) => {
    const { name, shows, figures } = resultOf(proof.name);
    expect([name, shows]).toEqual([proof.name, proof.shows]);
    expect(Object.keys(proof.promises).length).toBeGreaterThan(3);
    expect(brokenPromises(proof.promises, figures ?? {})).toEqual([]);
  });
});

if (tree && !tree.isShallow) {
  describe('results of the proofs, in a repository', () => {
    it.each(PROOFS)('$name: was measured on a commit that this one was made from', ({ name }) => {
      const commit = String(resultOf(name).commit);
      expect([name, commit, isAncestor(ROOT, commit)]).toEqual([name, commit, true]);
    });
  });
} else {
  describe(`results of the proofs, in ${tree ? 'a clone with a depth' : 'files without a repository'}`, () => {
    it('there is no history here to look their commits up in: all else was checked', () => {
      console.log('The commits of the proofs’ results were not looked up: this is no whole clone.');
      // Where results are merged, there has to be one.
      const ci = readFileSync(join(ROOT, '.github/workflows/ci.yml'), 'utf8');
      const [, job = ''] = /\n  check-and-test:\n([\s\S]*?)\n  \S/.exec(ci) ?? [];
      expect(job).toContain('fetch-depth: 0');
      expect(process.env['CI']).toBeUndefined();
    });
  });
}

describe('control: a result that is no good is noticed', () => {
  const good: Result = {
    ...{ name: 'a', shows: 'b', holds: true, faults: [], figures: { failed: 0, calls: 12 }, seconds: 1 },
    commit: 'a'.repeat(40),
    machine: { cores: 2, memoryGiB: 8, platform: 'linux x64', node: 'v24.0.0' },
    startedAt: '2026-11-21T00:00:00.000Z',
  };

  it.each([
    [{ holds: false }, /does not hold/],
    [{ faults: ['late'] }, /names faults/],
    [{ commit: `${'a'.repeat(40)}+changes` }, /names no commit/],
    [{ commit: undefined }, /names no commit/],
    [{ startedAt: 'yesterday' }, /names no date/],
    [{ machine: undefined }, /names no class of machine/],
    [{ seconds: 0 }, /names no duration/],
  ])('%j', (change, fault) => {
    expect(formFaults(good)).toEqual([]);
    expect(formFaults({ ...good, ...change }).join()).toMatch(fault);
  });

  it('and so is a figure that is not there, or not as promised', () => {
    const promises = { failed: { is: 0 }, calls: { atLeast: 10 }, lateMs: { atMost: 2_000 } };
    expect(brokenPromises(promises, { failed: 0, calls: 12, lateMs: 2_000 })).toEqual([]);
    expect(brokenPromises(promises, { failed: 1, calls: 9 })).toEqual([
      'failed is 1 and should be 0',
      'calls is 9 and should be 10 at least',
      'lateMs is not there and should be 2000 at most',
    ]);
    expect(brokenPromises(promises, { failed: 0, calls: Number.NaN, lateMs: '0' })).toHaveLength(2);
  });
});
