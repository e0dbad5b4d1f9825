import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { packedSdk, type PackedSdk } from '#lib/testing';

const ROOT = resolve(import.meta.dirname, '../..');

let packed: PackedSdk;
let home: string;

beforeAll(() => {
  packed = packedSdk();
  home = join(packed.dir, 'node_modules/@claviger/sdk');
});
afterAll(() => packed?.remove());

/** What the compiler says of a folder with a tsconfig.json, by file. */
function compile(folder: string): string[] {
  const args = [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder, '--noEmit', '--pretty', 'false'];
  const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  return stdout.split('\n').filter((line) => /error TS/.test(line));
}

describe('#57 the package @claviger/sdk', () => {
  it('holds compiled files, their types, licence and README, and depends on nothing', () => {
    const kinds = packed.files.filter((file) => !/\.(js|d\.ts)$/.test(file));
    expect(kinds).toEqual(['LICENSE', 'README.md', 'package.json']);
    expect(packed.files).toEqual(expect.arrayContaining(['index.js', 'index.d.ts']));
    expect(packed.files.filter((file) => /spec|test|admin\/generated/.test(file))).toEqual([]);
    const { dependencies, peerDependencies, scripts, exports, bin } = JSON.parse(
      readFileSync(join(home, 'package.json'), 'utf8'),
    );
    expect([dependencies, peerDependencies, scripts]).toEqual([undefined, undefined, undefined]);
    expect(exports['.']).toEqual({ types: './index.d.ts', default: './index.js' });
    expect(bin).toEqual({ claviger: 'cli/bin.js' });
    for (const file of globSync('**/*.js', { cwd: home })) {
      const code = readFileSync(join(home, file), 'utf8');
      const imported = [...code.matchAll(/from '([^']+)'|import\('([^']+)'\)/g)].map(([, from]) => from);
      // Its command line runs on Node; nothing else of it needs that.
      const allowed = file.startsWith('cli/') ? /^\.|^node:/ : /^\./;
      expect([file, imported.filter((from) => !allowed.test(String(from)))]).toEqual([file, []]);
    }
  });

  it('needs fetch and what the web platform has: nothing of Node', () => {
    const script = `
      for (const name of ['process', 'setImmediate', 'global', 'require']) delete globalThis[name];
      const { Claviger } = await import('@claviger/sdk');
      const asked = [];
      const fetch = async (url, init) => {
        asked.push(url);
        const frame = 'id: 1\\nevent: run.finished\\ndata: {"runId":"run_1","id":"run_1","status":"succeeded","text":"Hi."}\\n\\n';
        return new Response(frame, { headers: { 'content-type': 'text/event-stream' } });
      };
      const client = new Claviger({ url: 'https://engine.test', token: 'clv_eng_x', workspaceId: 'ws_1', fetch });
      console.log(JSON.stringify([(await client.runs.create({ agent: { prompt: 'Hi.' } })).text, asked]));
    `;
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: packed.dir,
      encoding: 'utf8',
    });
    expect(JSON.parse(out)).toEqual(['Hi.', ['https://engine.test/internal/v1/workspaces/ws_1/agent-runs']]);
  });

  it('has types that make a switch over events or codes exhaustive: one that forgets a case does not compile', () => {
    const cases = (names: string[]) => names.map((name) => `    case '${name}':`).join('\n');
    const over = (type: string, subject: string, names: string[]) =>
      `import type { ErrorCode, RunEvent } from '@claviger/sdk';
export function said(it: ${type}): string {
  switch (${subject}) {
${cases(names)}
      return 'known';
  }
}\n`;
    const events =
      `run.started step.started text.delta tool.call tool.result step.finished run.retrying run.requires_action run.finished run.failed`.split(
        ' ',
      );
    const source = readFileSync(join(home, 'error-codes.js'), 'utf8');
    const codes = [...source.matchAll(/^ {4}(\w+): true/gm)].map(([, code = '']) => code);
    expect(codes.length).toBeGreaterThan(35);
    const files: Record<string, string> = {
      'whole-events.ts': over('RunEvent', 'it.type', events),
      'whole-codes.ts': over('ErrorCode', 'it', codes),
      'short-events.ts': over('RunEvent', 'it.type', events.slice(1)),
      'short-codes.ts': over('ErrorCode', 'it', codes.slice(1)),
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          ...{ module: 'nodenext', target: 'ES2022', lib: ['ES2022', 'DOM', 'DOM.AsyncIterable'], types: [] },
          ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false },
        },
        files: ['whole-events.ts', 'whole-codes.ts', 'short-events.ts', 'short-codes.ts'],
      }),
      'package.json': '{ "type": "module" }',
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(packed.dir, name), text);
    const faults = compile(packed.dir).map((line) => line.slice(0, line.indexOf('(')));
    expect(faults.sort()).toEqual(['short-codes.ts', 'short-events.ts']);
  });

  it('does not compile from a document with a code that it does not know, so that the check fails', () => {
    const tree = mkdtempSync(join(tmpdir(), 'claviger-drift-'));
    try {
      cpSync(join(ROOT, 'libs/sdk'), tree, { recursive: true });
      const document = join(tree, 'src/generated/engine/types.gen.ts');
      const types = readFileSync(document, 'utf8');
      writeFileSync(
        document,
        types.replaceAll("'malformed_request' |", "'malformed_request' | 'new_code' |"),
      );
      const faults = compile(tree);
      expect(faults).toHaveLength(1);
      expect(faults[0]).toMatch(/error-codes\.ts.*new_code/);
    } finally {
      rmSync(tree, { recursive: true, force: true });
    }
  });
});
