import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

/** The folder of the built code: what a process runs from unless told otherwise. */
export const BUILD = join(resolve(import.meta.dirname, '../../../..'), 'dist');

export interface RunningProcess {
  url: string;
  /** Its last log lines. */
  log(): string;
  /** Resolves when it has ended, by whatever hand. */
  ended: Promise<void>;
  stop(): Promise<void>;
  /** kill -9: no handler of the process runs. */
  kill(): void;
  /** Sends a message over the channel of a process with a main of its own, and waits for its answer. */
  send(message: number): Promise<void>;
  /** The same; answers what it said. */
  ask(message: number): Promise<unknown>;
}

const LINES_KEPT = 400;

/** Starts a built process on a free port, with these settings and nothing else of our environment, and waits until it listens. */
export async function startProcess(
  name: 'api' | 'engine' | 'worker',
  env: Record<string, string>,
  build: string = BUILD,
  main?: string,
): Promise<RunningProcess> {
  const child = spawn(process.execPath, [join(build, main ?? `apps/${name}/src/main.js`)], {
    cwd: resolve(build, '..'),
    env: { NODE_ENV: 'test', [`CLAVIGER_${name.toUpperCase()}_PORT`]: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...(main === undefined ? [] : ['ipc' as const])],
  });
  const lines: string[] = [];
  const keep = (line: string) => {
    lines.push(line);
    if (lines.length > LINES_KEPT) lines.shift();
  };
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  createInterface({ input: child.stderr! }).on('line', keep);
  const port = await new Promise<number>((found, failed) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      keep(line);
      const listens = line.includes(`${name} listens`) ? /"port":(\d+)/.exec(line) : null;
      if (listens) found(Number(listens[1]));
    });
    void ended.then(() => failed(new Error(`the ${name} ended at once:\n${lines.join('\n')}`)));
  });
  const ask = async (message: number): Promise<unknown> => {
    const answered = once(child, 'message');
    child.send(message);
    return (await answered)[0];
  };
  return {
    url: `http://127.0.0.1:${port}`,
    log: () => lines.join('\n'),
    ended,
    ask,
    send: async (message) => void (await ask(message)),
    kill: () => void child.kill('SIGKILL'),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
