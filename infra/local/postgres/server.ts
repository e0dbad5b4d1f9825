import { spawn, type ChildProcess } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { createServer, Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Binaries } from './binaries.js';
import type { DatabaseUser } from './database-user.js';
import type { ClusterFolders } from './folders.js';

/**
 * The shell waits for the end of its input, which the kernel closes when this process ends, however it ends
 * (kill -9 included), and then asks the server for a fast shutdown: no database outlives its owner.
 * $0 is the folder to remove afterwards, or empty.
 */
const KEEPER =
  '"$@" 3<&- & server=$!; (read -r _; kill -INT $server 2>/dev/null) <&3 & exec 3<&-; ' +
  'wait $server; status=$?; kill $! 2>/dev/null; [ -n "$0" ] && rm -rf "$0"; exit $status';

export interface ServerProcess {
  port: number;
  pid: number;
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** 0: any free one. */
  port: number;
  settings: Record<string, string>;
  /** Removed when the server has ended. */
  removeAfterwards?: string;
}

/** Boots the server and waits until it takes connections (at most 30 s). */
export async function boot(
  binaries: Binaries,
  folders: ClusterFolders,
  user: DatabaseUser,
  options: ServerOptions,
): Promise<ServerProcess> {
  const port = options.port || (await freePort());
  const log = await open(folders.logFile, 'a', 0o600);
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', ...options.settings };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const command = [binaries.postgres, '-D', folders.cluster, '-p', String(port), ...flags];
  const keeper = spawn('/bin/sh', ['-c', KEEPER, options.removeAfterwards ?? '', ...command], {
    ...(user && { uid: user.uid, gid: user.gid }),
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    // Its own session: a Ctrl-C for the terminal must not take the database away from under its clients.
    detached: true,
    stdio: ['ignore', log.fd, log.fd, 'pipe'],
  });
  await log.close();
  const ended = endOf(keeper);
  const pid = await ready(folders, port, ended);
  letGo(keeper);
  return { port, pid, stop: () => stop(keeper, pid, ended) };
}

/** The server must not keep its owner running. */
function letGo(keeper: ChildProcess): void {
  keeper.unref();
  if (keeper.stdio[3] instanceof Socket) keeper.stdio[3].unref();
}

function endOf(keeper: ChildProcess): { done: Promise<void>; over: boolean } {
  const end = { done: Promise.resolve(), over: false };
  end.done = new Promise((resolve) => {
    const finish = () => {
      end.over = true;
      const lifeline = keeper.stdio[3];
      if (lifeline && 'destroy' in lifeline) lifeline.destroy();
      resolve();
    };
    keeper.once('exit', finish);
    keeper.once('error', finish);
  });
  return end;
}

/** The eighth line of postmaster.pid says `ready` once connections are taken. Answers the server's pid. */
async function ready(folders: ClusterFolders, port: number, ended: { over: boolean }): Promise<number> {
  for (let waited = 0; waited < 30_000; waited += 10) {
    const lines = (await readFile(join(folders.cluster, 'postmaster.pid'), 'utf8').catch(() => '')).split(
      '\n',
    );
    if (lines[3] === String(port) && lines[7]?.trim() === 'ready') return Number(lines[0]);
    if (ended.over) break;
    await delay(10);
  }
  const log = await readFile(folders.logFile, 'utf8').catch(() => '');
  throw new Error(
    `PostgreSQL did not start on port ${port}: ${log.trim().split('\n').slice(-5).join(' | ')}`,
  );
}

async function stop(keeper: ChildProcess, pid: number, ended: { done: Promise<void>; over: boolean }) {
  if (ended.over) return;
  keeper.ref();
  kill(pid, 'SIGINT');
  const patience = new AbortController();
  const impatient = delay(10_000, undefined, { signal: patience.signal }).then(
    () => kill(pid, 'SIGQUIT'),
    () => undefined,
  );
  await ended.done;
  patience.abort();
  await impatient;
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has just ended by itself.
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', resolve);
  });
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
