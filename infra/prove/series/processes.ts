import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

/** The folder of the built code: what a process runs from unless told otherwise. */
export const BUILD = join(resolve(import.meta.dirname, '../../../..'), 'dist');

export interface RunningProcess {
  url: string;
  /** Its last log lines. */
  log(): string;
  stop(): Promise<void>;
}

const LINES_KEPT = 400;

/** Starts a built process on a free port, with these settings and nothing else of our environment, and waits until it listens. */
export async function startProcess(
  name: 'api' | 'engine' | 'worker',
  env: Record<string, string>,
  build: string = BUILD,
): Promise<RunningProcess> {
  const child = spawn(process.execPath, [join(build, `apps/${name}/src/main.js`)], {
    cwd: resolve(build, '..'),
    env: { NODE_ENV: 'test', [`CLAVIGER_${name.toUpperCase()}_PORT`]: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const keep = (line: string) => {
    lines.push(line);
    if (lines.length > LINES_KEPT) lines.shift();
  };
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  createInterface({ input: child.stderr }).on('line', keep);
  const port = await new Promise<number>((found, failed) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      keep(line);
      const listens = line.includes(`${name} listens`) ? /"port":(\d+)/.exec(line) : null;
      if (listens) found(Number(listens[1]));
    });
    void ended.then(() => failed(new Error(`the ${name} ended at once:\n${lines.join('\n')}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    log: () => lines.join('\n'),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
