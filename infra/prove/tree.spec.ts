import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isAncestor, notMeasurable, treeOf } from './tree.js';

// What the runner asks of git before it measures, tried on a repository of its own.

let root: string;
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
const write = (path: string, text: string) => writeFileSync(join(root, path), text);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'claviger-tree-'));
  git('init', '-q');
  mkdirSync(join(root, 'infra/prove/results'), { recursive: true });
  write('code.ts', 'one');
  write('infra/prove/results/a.json', '{}');
  git('add', '.');
  git('commit', '-qm', 'first');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('a result names the commit that was measured', () => {
  it('a clean tree may be measured, and its commit is named whole', () => {
    const tree = treeOf(root);
    expect(tree).toEqual({ commit: git('rev-parse', 'HEAD'), changes: [], isShallow: false });
    expect(notMeasurable(tree)).toBeNull();
  });

  it.each([
    ['a changed file', () => write('code.ts', 'two')],
    ['a new file', () => write('other.ts', '')],
    ['a file that is staged only', () => (write('code.ts', 'two'), git('add', '.'))],
    ['a removed file', () => rmSync(join(root, 'code.ts'))],
  ])('%s: refused', (_what, change) => {
    change();
    expect(notMeasurable(treeOf(root))).toMatch(/differs from its commit \(1 files: .*\.ts\)/);
  });

  it('results of proofs do not count: several proofs are run after each other', () => {
    write('infra/prove/results/a.json', '{"holds":true}');
    write('infra/prove/results/b.json', '{}');
    expect(notMeasurable(treeOf(root))).toBeNull();
  });

  it('without a repository, or inside somebody else’s, there is no commit to name', () => {
    const inner = join(root, 'unpacked');
    mkdirSync(inner);
    expect(treeOf(inner)).toBeNull();
    expect(notMeasurable(treeOf(inner))).toMatch(/no git repository/);
    const missing = () => {
      throw new Error('git: not found');
    };
    expect(treeOf(root, missing)).toBeNull();
  });

  it('an ancestor is told from a commit of elsewhere', () => {
    const first = git('rev-parse', 'HEAD');
    git('checkout', '-qb', 'aside');
    git('commit', '-qm', 'aside', '--allow-empty');
    const aside = git('rev-parse', 'HEAD');
    git('checkout', '-q', '-');
    git('commit', '-qm', 'second', '--allow-empty');
    const second = git('rev-parse', 'HEAD');
    const answers = [first, second, aside, 'f'.repeat(40)].map((commit) => isAncestor(root, commit));
    expect(answers).toEqual([true, true, false, false]);
  });
});
