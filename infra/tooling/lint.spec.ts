import { beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const SERVICE = 'apps/api/src/modules/orgs/orgs.service.ts';
const SPEC = 'libs/kernel/src/ids.spec.ts';

/** For each ban a file that breaks it, and the words that the report must hold. */
const BROKEN: { name: string; file: string; code: string; says: RegExp }[] = [
  { name: 'any', file: SERVICE, code: 'export const a: any = 1;', says: /no-explicit-any/ },
  { name: 'as unknown as', file: SERVICE, code: 'export const a = 1 as unknown as string;', says: /narrow/ },
  { name: '@ts-ignore', file: SERVICE, code: '// @ts-ignore\nexport const a = 1;', says: /ban-ts-comment/ },
  {
    name: 'export *',
    file: SERVICE,
    code: `export * from './orgs.service.js';`,
    says: /Name what you export/,
  },
  {
    name: 'forwardRef',
    file: SERVICE,
    code: 'declare function forwardRef(f: () => void): void;\nforwardRef(() => undefined);',
    says: /state a port/,
  },
  {
    name: 'RawUnsafe',
    file: SERVICE,
    code: `export const f = (p: { $queryRawUnsafe(s: string): void }): void => p.$queryRawUnsafe('x');`,
    says: /tagged template/,
  },
  {
    name: 'HttpException',
    file: SERVICE,
    code: `class NotFoundException {}\nexport const e = new NotFoundException();`,
    says: /ClavigerError/,
  },
  {
    name: 'six dependencies',
    file: SERVICE,
    code: 'export class A {\n  constructor(a: 1, b: 1, c: 1, d: 1, e: 1, f: 1) {\n    void [a, b, c, d, e, f];\n  }\n}',
    says: /More than five/,
  },
  { name: 'process.env', file: SERVICE, code: 'export const a = process.env.HOME;', says: /libs\/config/ },
  { name: 'default export', file: SERVICE, code: 'export default 1;', says: /Named exports/ },
  {
    name: 'floating promise',
    file: SERVICE,
    code: 'export function f(): void {\n  Promise.resolve(1);\n}',
    says: /no-floating-promises/,
  },
  {
    name: 'a cipher outside kms',
    file: SERVICE,
    code: `import { createCipheriv } from 'node:crypto';\nexport const c = createCipheriv;`,
    says: /no-restricted-imports/,
  },
  { name: 'a silent console', file: SERVICE, code: 'console.log(1);', says: /no-console/ },
  {
    name: 'a suppression',
    file: SERVICE,
    code: '// eslint-disable-next-line no-console\nconsole.log(1);',
    says: /no-console/,
  },
  {
    name: 'a skipped test',
    file: SPEC,
    code: `import { it } from '@jest/globals';\nit.skip('x', () => undefined);`,
    says: /runs or does not exist/,
  },
  {
    name: 'a mock of our own',
    file: SPEC,
    code: `import { jest } from '@jest/globals';\njest.unstable_mockModule('x', () => ({}));`,
    says: /real fake/,
  },
];

/** ESLint as `npm run check` configures it, in a process of its own; reads [{file, code}] and answers the reports of each. */
const LINT_ALL = `
  import { ESLint } from 'eslint';
  import { text } from 'node:stream/consumers';
  const eslint = new ESLint({ overrideConfigFile: 'infra/tooling/eslint.config.mjs' });
  const told = [];
  for (const { file, code } of JSON.parse(await text(process.stdin))) {
    const [result] = await eslint.lintText(code, { filePath: file });
    told.push(result.messages.filter(({ severity }) => severity === 2).map((m) => m.ruleId + ': ' + m.message));
  }
  process.stdout.write(JSON.stringify(told));
`;

describe('lint', () => {
  let told: string[][];

  beforeAll(() => {
    const args = ['--input-type=module', '-e', LINT_ALL];
    const run = spawnSync(process.execPath, args, {
      cwd: ROOT,
      input: JSON.stringify(BROKEN),
      encoding: 'utf8',
      // Where CI is set the parser reads files from disk once, and would not see the broken code.
      env: { ...process.env, CI: 'false' },
    });
    if (run.status !== 0) throw new Error(run.stderr);
    told = JSON.parse(run.stdout);
  });

  it.each(BROKEN.map((broken, index) => ({ ...broken, index })))('reports $name', ({ index, says }) => {
    expect(told[index]?.join('\n')).toMatch(says);
  });
});

describe('file sizes', () => {
  const sizesOf = (files: Record<string, number>) => {
    const tree = mkdtempSync(join(tmpdir(), 'sizes-'));
    for (const [file, lines] of Object.entries(files)) {
      mkdirSync(join(tree, file, '..'), { recursive: true });
      writeFileSync(join(tree, file), 'x\n'.repeat(lines));
    }
    const script = `import { measure } from './infra/tooling/sizes.mjs'; console.log(measure(process.argv[1]).faults.join('\\n'));`;
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', script, tree], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    rmSync(tree, { recursive: true });
    return `${run.stdout}${run.stderr}`.trim();
  };

  it('reports a source over 300 lines and a spec over 400, and takes those that are just under', () => {
    const short = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`libs/short-${i}.ts`, 10]));
    expect(sizesOf({ ...short, 'libs/a.ts': 300, 'libs/a.spec.ts': 400 })).toBe('');
    expect(sizesOf({ ...short, 'libs/a.ts': 301 })).toBe('libs/a.ts has 301 lines');
    expect(sizesOf({ ...short, 'libs/a.spec.ts': 401 })).toBe('libs/a.spec.ts has 401 lines');
  });

  it('reports a tree whose files are long on the whole', () => {
    expect(sizesOf({ 'libs/a.ts': 120, 'libs/b.ts': 120, 'libs/c.ts': 120 })).toContain('half of the files');
  });
});
