import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { BROKEN_FIXTURES, FIXTURE_PACKAGES, FIXTURE_TARGETS } from './layers.fixtures.js';

const ROOT = resolve(import.meta.dirname, '../..');
const CONFIG = join(ROOT, 'infra/tooling/layers.mjs');

interface Violation {
  from: string;
  rule: { name: string };
}

async function violationsIn(files: { file: string; content: string }[]): Promise<Violation[]> {
  const tree = await mkdtemp(join(tmpdir(), 'layers-'));
  try {
    await cp(join(ROOT, 'package.json'), join(tree, 'package.json'));
    await cp(join(ROOT, 'tsconfig.json'), join(tree, 'tsconfig.json'));
    for (const { file, content } of files) {
      await mkdir(dirname(join(tree, file)), { recursive: true });
      await writeFile(join(tree, file), content);
    }
    return await cruise(tree);
  } finally {
    await rm(tree, { recursive: true });
  }
}

function cruise(tree: string): Promise<Violation[]> {
  const bin = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const args = [bin, '-c', CONFIG, '-T', 'json', '--ts-config', 'tsconfig.json', 'apps', 'libs'];
  return new Promise((done, failed) => {
    execFile(process.execPath, args, { cwd: tree, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      if (stdout === '') failed(error ?? new Error(stderr));
      else done(JSON.parse(stdout).summary.violations);
    });
  });
}

describe('layers', () => {
  const packages = FIXTURE_PACKAGES.flatMap((name) => [
    { file: `node_modules/${name}/package.json`, content: JSON.stringify({ name, main: 'index.js' }) },
    { file: `node_modules/${name}/index.js`, content: '' },
  ]);
  const targets = FIXTURE_TARGETS.map((file) => ({ file, content: 'export const target = 1;\n' })).concat(
    packages,
  );

  it('reports each broken fixture under its own rule, and nothing in the files around it', async () => {
    const clean = await violationsIn(targets);
    expect(clean).toEqual([]);
    const found = (await violationsIn([...targets, ...BROKEN_FIXTURES])).map(
      ({ from, rule }) => `${rule.name} ${from}`,
    );
    const missing = BROKEN_FIXTURES.map(({ rule, file }) => `${rule} ${file}`).filter(
      (each) => !found.includes(each),
    );
    expect(missing).toEqual([]);
  });

  it('has a broken fixture for every rule, and every rule is an error', async () => {
    const { default: config } = await import(CONFIG);
    const rules: { name: string; severity: string; comment: string }[] = config.forbidden;
    const proved = new Set(BROKEN_FIXTURES.map(({ rule }) => rule));
    expect(rules.filter(({ name }) => !proved.has(name))).toEqual([]);
    expect(rules.filter(({ severity, comment }) => severity !== 'error' || comment === '')).toEqual([]);
  });
});
