import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning } from '../../acceptance/support/processes.js';
import { startChild, type ChildSpec } from './child-process.js';

const logs = mkdtempSync(join(tmpdir(), 'claviger-child-'));
const SERVES = `require('node:http').createServer((q, r) => r.end()).listen(Number(process.argv[1]), '127.0.0.1')`;
const NEVER_READY = `console.error('my pid is ' + process.pid); setInterval(() => undefined, 1000)`;

async function specOf(script: string, signal?: AbortSignal): Promise<ChildSpec> {
  const port = await freePort();
  return {
    name: 'engine',
    args: ['-e', script, String(port)],
    env: {},
    cwd: logs,
    readyUrl: `http://127.0.0.1:${port}/`,
    logs,
    signal,
  };
}

describe('a process of npm start', () => {
  afterAll(() => rmSync(logs, { recursive: true, force: true }));

  it('that ends before it is ready is named at once, with how it ended and what it said last', async () => {
    const spec = await specOf(`console.error('the keyset is missing'); process.exit(7)`);
    const failure = await startChild(spec).catch((error: Error) => error.message);
    expect(failure).toContain('engine ended (exit code 7) before it was ready');
    expect(failure).toContain('the keyset is missing');
    expect(failure).toContain(join(logs, 'engine.log'));
  });

  it('that others make pointless while it starts is stopped, and the others’ reason told', async () => {
    const halt = new AbortController();
    const lines: string[] = [];
    const said = new Promise<number>((resolve) => {
      void specOf(NEVER_READY, halt.signal).then((spec) => {
        const echo = (line: string) => {
          lines.push(line);
          resolve(Number(/my pid is (\d+)/.exec(line)?.[1]));
        };
        starting = startChild({ ...spec, echo }).catch((error: unknown) => error);
      });
    });
    let starting: Promise<unknown> = Promise.resolve();
    const pid = await said;
    expect(isRunning(pid)).toBe(true);
    const reason = new Error('api ended');
    halt.abort(reason);
    expect(await starting).toBe(reason);
    expect(isRunning(pid)).toBe(false);
  });

  it('that is ready stays, and tells its end and its last words later', async () => {
    const child = await startChild(await specOf(`console.log('here I am'); ${SERVES}`));
    expect(isRunning(child.pid)).toBe(true);
    await child.stop();
    expect(await child.ended).toBe('engine ended (SIGTERM)');
    expect(child.lastWords()).toContain('here I am');
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
