import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Profile } from '../profile/shares.js';
import { pinned, type Cores } from './cores.js';

export const ROOT = resolve(import.meta.dirname, '../../../..');
const PROBE = join(ROOT, 'infra/bench/probe.mjs');
const UP_WITHIN_MS = 60_000;

export interface Start {
  name: string;
  /** Arguments of node: the program and what it is given. */
  args: string[];
  env?: Record<string, string>;
  /** The cores that it may use. */
  on: string;
  /** Where the place that it listens at is known beforehand; else its output says so. */
  port?: number;
}

/** Microseconds of CPU, as Node counts them. */
export interface CpuUsage {
  user: number;
  system: number;
}

export interface MemoryUse {
  rss: number;
  heapUsed: number;
  external: number;
}

/** A process that is measured; each has the same probe in it. */
export class Contender {
  #asked = 0;

  private constructor(
    readonly name: string,
    readonly port: number,
    private readonly child: ChildProcess,
  ) {}

  /** Resolves when it takes connections. Throws with its output when it does not. */
  static async start(cores: Cores, folder: string, start: Start): Promise<Contender> {
    const log = join(folder, `${start.name}.log`);
    const out = openSync(log, 'w');
    const node = ['--expose-gc', '--import', PROBE, ...start.args];
    const { file, args } = pinned(cores, start.on, process.execPath, node);
    const env = { NODE_ENV: 'production', ...start.env };
    const child = spawn(file, args, { cwd: ROOT, env: withPath(env), stdio: ['ignore', out, out, 'ipc'] });
    closeSync(out);
    child.on('error', () => undefined);
    for (let waited = 0; waited < UP_WITHIN_MS && child.exitCode === null; waited += 50) {
      await delay(50);
      const port = start.port ?? Number(/"port":(\d+)/.exec(readFileSync(log, 'utf8'))?.[1] ?? 0);
      if (port > 0 && (await takesConnections(port))) return new Contender(start.name, port, child);
    }
    child.kill('SIGKILL');
    throw new Error(`${start.name} did not start:\n${readFileSync(log, 'utf8').slice(0, 4_000)}`);
  }

  usage(): Promise<CpuUsage> {
    return this.#ask('usage');
  }

  /** After a garbage collection. */
  memory(): Promise<MemoryUse> {
    return this.#ask('memory');
  }

  /** What it does for the next `ms`. */
  profile(ms: number): Promise<Profile> {
    return this.#ask('profile', { ms });
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((done) => this.child.once('exit', done));
    this.child.kill('SIGTERM');
    const late = setTimeout(() => this.child.kill('SIGKILL'), 15_000);
    await ended;
    clearTimeout(late);
  }

  #ask<T>(ask: string, more: object = {}): Promise<T> {
    const id = (this.#asked += 1);
    return new Promise((resolve, reject) => {
      const heard = (message: { id: number; answer: T }) => {
        if (message.id !== id) return;
        this.child.off('message', heard);
        this.child.off('exit', gone);
        resolve(message.answer);
      };
      const gone = () => reject(new Error(`${this.name} ended while it was measured`));
      this.child.on('message', heard);
      this.child.once('exit', gone);
      this.child.send({ id, ask, ...more });
    });
  }
}

/** `taskset` and the system's libraries are found by it; nothing else of our environment is handed on. */
function withPath(env: Record<string, string>): Record<string, string> {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', ...env };
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((told) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      told(true);
    });
    socket.once('error', () => told(false));
  });
}
