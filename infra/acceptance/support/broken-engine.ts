import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const root = resolve(import.meta.dirname, '../../..');
const SOUND = 'createOpenAI({ apiKey, baseURL, fetch, headers })';
const BROKEN = 'createOpenAI({ fetch, headers })';

/**
 * Builds an engine that is wrong on purpose, its OpenAI client made without key and address, and starts it beside the
 * running one with that one's own environment, on a port of its own.
 */
export async function startBrokenEngine(enginePid: number): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(root, 'dist/broken-'));
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  for (const part of ['apps/engine', 'libs']) {
    cpSync(join(root, 'dist', part), join(folder, 'dist', part), { recursive: true });
  }
  const clients = join(folder, 'dist/libs/providers/src/clients.js');
  const source = readFileSync(clients, 'utf8');
  if (!source.includes(SOUND))
    throw new Error(`clients.js has no "${SOUND}" to break: say here how it is made now`);
  writeFileSync(clients, source.replace(SOUND, BROKEN));

  const port = await freePort();
  const child = spawn(process.execPath, [join(folder, 'dist/apps/engine/src/main.js')], {
    cwd: folder,
    env: { ...environmentOf(enginePid), CLAVIGER_ENGINE_PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise((done) => child.once('exit', done));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
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
