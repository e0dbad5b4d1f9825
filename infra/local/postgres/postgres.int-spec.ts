import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { PgPool } from '#lib/persistence';
import { startPostgres, type RunningPostgres } from './index.js';

const run = promisify(execFile);
let dataDir: string;
let running: RunningPostgres[];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'claviger-postgres-'));
  await chmod(dataDir, 0o755);
  running = [];
});
afterEach(async () => {
  for (const server of running) await server.stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(): Promise<RunningPostgres> {
  const server = await startPostgres({ dataDir });
  running.push(server);
  return server;
}

async function ask<Row extends object>(server: RunningPostgres, sql: string): Promise<Row[]> {
  const pool = new PgPool({ databaseUrl: server.superuserUrl, max: 1 });
  try {
    return (await pool.query<Row>(sql)).rows;
  } finally {
    await pool.close();
  }
}

/** Whether it runs; an ended process that nobody has collected yet does not. */
function alive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.startsWith('Z');
}

async function until(condition: () => boolean, ms = 15_000): Promise<void> {
  for (let waited = 0; !condition() && waited < ms; waited += 20) await delay(20);
  expect(condition()).toBe(true);
}

describe('the embedded database', () => {
  it('keeps its data and its password over a stop and a start, and leaves no process behind', async () => {
    const first = await start();
    await ask(first, 'CREATE TABLE kept AS SELECT 7 AS n');
    await first.stop();
    expect(alive(first.pid)).toBe(false);
    const second = await start();
    expect(await ask(second, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
    expect(new URL(second.superuserUrl).password).toBe(new URL(first.superuserUrl).password);
  });

  it('keeps the superuser’s password in a file that only its user reads, and listens to this machine only', async () => {
    const server = await start();
    const file = await stat(join(dataDir, 'superuser-password'));
    expect([file.mode & 0o777, file.uid]).toEqual([0o600, process.getuid?.()]);
    expect(await ask(server, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    const stranger = new URL(server.superuserUrl);
    stranger.password = 'guess';
    const pool = new PgPool({ databaseUrl: stranger.toString(), max: 1 });
    await expect(pool.ping()).rejects.toMatchObject({ code: '28P01' });
    await pool.close();
  });

  it('starts again after the server was killed with -9', async () => {
    const first = await start();
    await ask(first, 'CREATE TABLE kept AS SELECT 7 AS n');
    process.kill(first.pid, 'SIGKILL');
    await until(() => !alive(first.pid));
    const second = await start();
    expect(await ask(second, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
  });

  it('starts although the pid file names a process of somebody else', async () => {
    const first = await start();
    const folder = first.folder;
    await first.stop();
    await writeFile(
      join(folder, 'postmaster.pid'),
      `${process.pid}\n${folder}\n0\n5432\n\n127.0.0.1\n\nready\n`,
    );
    const second = await start();
    expect(await ask(second, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });

  it('goes down with the process that started it, even when that is killed with -9', async () => {
    const owner = await ownerInAnotherProcess();
    const pid = Number((await readFile(join(dataDir, 'cluster', 'postmaster.pid'), 'utf8')).split('\n')[0]);
    expect(alive(pid)).toBe(true);
    owner.kill('SIGKILL');
    await until(() => !alive(pid));
    const again = await start();
    expect(await ask(again, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });

  it('a throwaway cluster is gone, folder and all, when its process was killed with -9', async () => {
    const owner = await ownerInAnotherProcess({ throwaway: true });
    owner.kill('SIGKILL');
    await until(() => !existsSync(join(dataDir, 'cluster')));
  });

  it('takes over from a server that a lost keeper left running', async () => {
    const first = await start();
    const { stdout } = await run('ps', ['-o', 'ppid=', '-p', String(first.pid)]);
    process.kill(Number(stdout), 'SIGKILL');
    expect(alive(first.pid)).toBe(true);
    const second = await start();
    expect(alive(first.pid)).toBe(false);
    expect(await ask(second, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });

  it('uses another folder, the same each time, when the database’s user cannot enter the wished-for one', async () => {
    const closed = join(dataDir, 'home');
    await mkdir(closed, { mode: 0o700 });
    const lines: string[] = [];
    const options = { dataDir: join(closed, '.claviger'), log: (line: string) => lines.push(line) };
    const first = await startPostgres(options);
    await first.stop();
    const second = await startPostgres(options);
    await second.stop();
    expect(second.folder).toBe(first.folder);
    // Only root needs another user; an ordinary one stays where it was told.
    const moved = process.getuid?.() === 0;
    expect(first.folder.startsWith(closed)).toBe(!moved);
    expect(lines.length).toBe(moved ? 2 : 0);
    if (moved) await rm(join(first.folder, '..'), { recursive: true });
  });

  it('says what the server said when it cannot start', async () => {
    const first = await start();
    const second = startPostgres({ dataDir: `${dataDir}/second`, port: first.port });
    await expect(second).rejects.toThrow(/did not start on port \d+: .*could not (bind|create)/);
  });
});

/** Starts the server from a child that then does nothing but live. */
async function ownerInAnotherProcess(options: { throwaway?: boolean } = {}): Promise<ChildProcess> {
  const script = `
    import { startPostgres } from '#built/start.js';
    await startPostgres(${JSON.stringify({ dataDir, ...options })});
    process.send('ready');
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', await runnable(script)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code) => reject(new Error(`the owner ended with ${code}`)));
  });
  return child;
}

/** Node strips the types by itself; only the `.js` of our imports must be told to be `.ts`. */
async function runnable(script: string): Promise<string> {
  const hooks = `
    import { registerHooks } from 'node:module';
    registerHooks({ resolve: (specifier, context, next) =>
      specifier.startsWith('.') && context.parentURL?.endsWith('.ts')
        ? next(specifier.replace(/\\.js$/, '.ts'), context) : next(specifier, context) });`;
  const start = JSON.stringify(new URL('./start.ts', import.meta.url).href);
  return `${hooks} ${script.replace(`import { startPostgres } from '#built/start.js';`, `const { startPostgres } = await import(${start});`)}`;
}
