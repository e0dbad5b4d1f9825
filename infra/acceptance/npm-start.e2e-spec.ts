import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startStack, type RunningStack } from '#lib/testing';
import { isRunning, openPorts, stillRunning } from './support/processes.js';

// Starts whole stacks, perhaps after a build, on whatever machine this is.
jest.setTimeout(240_000);

const root = resolve(import.meta.dirname, '../..');
const dataDir = mkdtempSync(join(tmpdir(), 'claviger-start-'));
const ANY_PORT = Object.fromEntries(
  ['WEB', 'API', 'ENGINE', 'WORKER', 'UPSTREAM'].map((name) => [`CLAVIGER_${name}_PORT`, '0']),
);

/** Runs `npm start` with options to its end. Answers what it printed and its exit code. */
async function start(
  options: string[],
  env: Record<string, string> = {},
): Promise<{ output: string; code: number | null }> {
  const child = spawn('npm', ['start', '--', ...options], {
    cwd: root,
    env: { ...process.env, NODE_ENV: 'development', CLAVIGER_DATA_DIR: dataDir, ...ANY_PORT, ...env },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((done) => child.once('exit', done));
  return { output, code };
}

/** SIGHUP replaces both processes of the engine; state.json names the new ones, and stopping ends all of them. */
async function replacesItsEngines(stack: RunningStack): Promise<void> {
  const pids = () =>
    (JSON.parse(readFileSync(join(dataDir, 'state.json'), 'utf8')) as RunningStack['state']).pids;
  const { engine, engine1, engine2 } = pids();
  for (const pid of [engine, engine1, engine2]) expect(isRunning(pid ?? 0)).toBe(true);
  process.kill(engine ?? 0, 'SIGHUP');
  const isReplaced = () => pids().engine1 !== engine1 && pids().engine2 !== engine2;
  for (let waited = 0; waited < 120_000 && !isReplaced(); waited += 100) await delay(100);
  expect(isReplaced()).toBe(true);
  expect((await fetch(`${stack.state.urls.engine}/readyz`)).status).toBe(200);
  Object.assign(stack.state.pids, { engine1, engine2, engine3: pids().engine1, engine4: pids().engine2 });
}

const runIds = (output: string): string[] => output.match(/run_[0-9a-z]{26}/g) ?? [];

describe('npm start', () => {
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));
  let printed: string[] = [];
  let stack: RunningStack;

  it('with --once runs the main job over all three wire protocols, prints each step, and exits 0', async () => {
    const { output, code } = await start(['--once']);
    expect(`${code}\n${output}`).toMatch(/^0\n/);
    printed = runIds(output);
    expect(printed).toHaveLength(3);
    for (const model of ['gpt-4.1-mini', 'claude-sonnet-4-6', 'gemini-2.5-flash']) {
      expect(output).toMatch(
        new RegExp(`runs the Agent node: ${model} with key \\S+, \\d+ \\+ \\d+ tokens, \\d+ ms, run_`),
      );
    }
    expect(output).toMatch(/is refused: 422 no_provider_key: .*an OWNER can enable it/);
    expect(existsSync(join(dataDir, 'state.json'))).toBe(false);
  });

  it('finds the printed run ids again after the next start, in the api and in the upstream’s own log', async () => {
    stack = await startStack({ demo: true, dataDir });
    const { demo, urls } = stack.state;
    for (const id of printed) {
      const path = `/internal/v1/workspaces/${demo?.workspaceId}/agent-runs/${id}`;
      const answer = await fetch(urls.engine + path, {
        headers: { authorization: `Bearer ${demo?.engineToken}` },
      });
      expect(await answer.json()).toMatchObject({ id, status: 'succeeded' });
    }
    const log = readFileSync(join(dataDir, 'logs/upstream.jsonl'), 'utf8').split('\n');
    for (const id of printed) expect(log.filter((line) => line.includes(id))).toHaveLength(1);
    expect(runIds(stack.output())).toHaveLength(3);
  });

  it('writes state.json as documented, for its owner only', () => {
    const { state } = stack;
    expect(statSync(join(dataDir, 'state.json')).mode & 0o777).toBe(0o600);
    expect(Object.keys(state.urls).sort()).toEqual(['api', 'engine', 'upstream', 'web', 'worker']);
    expect(state.demo).toMatchObject({
      owner: { email: 'owner@demo.test' },
      editor: { email: 'editor@demo.test' },
      engineToken: expect.stringMatching(/^clv_eng_/),
      workspaceToken: expect.stringMatching(/^clv_ws_/),
    });
    expect(state.databaseUrl).toMatch(/^postgresql:\/\/postgres:/);
  });

  it('refuses a second start on the same folder and names the first', async () => {
    const { output, code } = await start(['--once']);
    expect(code).toBe(1);
    expect(output).toContain(`already runs from ${dataDir} (process ${stack.pid})`);
  });

  it('leaves no process and no open port after Ctrl-C; the data stays', async () => {
    const { pids, ports } = stack.state;
    expect(await stack.stop('SIGINT')).toBe(0);
    expect(await stillRunning(pids, 2_000)).toEqual([]);
    expect(await openPorts(ports)).toEqual([]);
    expect(existsSync(join(dataDir, 'state.json'))).toBe(false);
    expect(existsSync(join(dataDir, 'keys/kms/call/keyset.json'))).toBe(true);
  });

  it('leaves nothing after kill -9 of the launcher either, and starts again', async () => {
    const first = await startStack({ dataDir });
    await first.stop('SIGKILL');
    expect(await stillRunning(first.state.pids, 10_000)).toEqual([]);
    expect(await openPorts(first.state.ports)).toEqual([]);
    expect(existsSync(join(dataDir, 'state.json'))).toBe(true);
    const second = await startStack({ dataDir, env: { CLAVIGER_ENGINE_PROCESSES: '2' } });
    expect(second.state.pids['launcher']).not.toBe(first.state.pids['launcher']);
    expect(second.state).not.toHaveProperty('demo');
    expect(second.state.urls).not.toHaveProperty('upstream');
    await replacesItsEngines(second);
    expect(await second.stop()).toBe(0);
    expect(await stillRunning(second.state.pids, 5_000)).toEqual([]);
  });

  it('names every port that is taken and the setting that moves it', async () => {
    const holders = await Promise.all(
      [0, 0].map(
        () =>
          new Promise<ReturnType<typeof createServer>>((done) => {
            const server = createServer().listen(0, '127.0.0.1', () => done(server));
          }),
      ),
    );
    const [api, engine] = holders.map((server) => (server.address() as AddressInfo).port);
    const { output, code } = await start(['--no-demo'], {
      CLAVIGER_API_PORT: String(api),
      CLAVIGER_ENGINE_PORT: String(engine),
    });
    expect(code).toBe(1);
    expect(output).toContain(`port ${api} (api) is in use`);
    expect(output).toContain(`port ${engine} (engine) is in use`);
    expect(output).toContain('set CLAVIGER_ENGINE_PORT to another port or 0');
    for (const server of holders) server.close();
  });

  it('lists every fault of the environment at once', async () => {
    const { output, code } = await start(['--no-demo'], {
      CLAVIGER_API_PORT: 'eight',
      DATABASE_URL: 'mysql://x',
      CLAVIGER_PLANS: '{',
    });
    expect(code).toBe(1);
    for (const name of ['CLAVIGER_API_PORT', 'DATABASE_URL', 'CLAVIGER_PLANS'])
      expect(output).toContain(`${name}: `);
  });
});
