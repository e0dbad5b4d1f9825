import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { brokenBuild } from './broken-build.js';

const CLIENT_OF_THE_ENVIRONMENT = {
  file: 'libs/providers/src/clients.js',
  sound: 'createOpenAI({ apiKey, baseURL, fetch, headers })',
  broken: 'createOpenAI({ fetch, headers })',
};

/**
 * Builds an engine that is wrong on purpose, its OpenAI client made without key and address, and starts it beside the
 * running one with that one's own environment, on a port of its own.
 */
export async function startBrokenEngine(enginePid: number): Promise<{ url: string; stop(): Promise<void> }> {
  const build = brokenBuild([CLIENT_OF_THE_ENVIRONMENT]);
  const port = await freePort();
  const child = spawn(process.execPath, [build.main], {
    cwd: build.folder,
    env: { ...environmentOf(enginePid), CLAVIGER_ENGINE_PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise((done) => child.once('exit', done));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    build.remove();
  };
  const url = `http://127.0.0.1:${port}`;
  for (let waited = 0; waited < 30_000; waited += 100) {
    if ((await fetch(`${url}/readyz`).catch(() => undefined))?.status === 200) return { url, stop };
    await delay(100);
  }
  await stop();
  throw new Error('the broken engine did not start');
}

function environmentOf(pid: number): Record<string, string> {
  const lines = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
  const pairs = lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
  // The channel to the launcher is the other process's.
  return Object.fromEntries(pairs.filter(([name]) => !name?.startsWith('NODE_CHANNEL'))) as Record<
    string,
    string
  >;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
