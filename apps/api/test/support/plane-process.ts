import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

/** A plane as a process of its own, from the build (`npm run build`). */
export interface PlaneProcess {
  url: string;
  pid: number;
  /** Everything that it wrote: its log. */
  output(): string;
  stop(): Promise<void>;
  /** Ends it on the spot (SIGKILL): no handler runs, no transaction is finished. */
  kill(): Promise<void>;
}

const ROOT = resolve(import.meta.dirname, '../../../..');

/** Starts a built plane on a free port with these settings and nothing else of our environment, and waits for it. */
export async function startPlane(
  plane: 'api' | 'engine' | 'worker',
  env: Record<string, string>,
): Promise<PlaneProcess> {
  const child = spawn(process.execPath, [join(ROOT, `dist/apps/${plane}/src/main.js`)], {
    cwd: ROOT,
    env: {
      NODE_ENV: 'test',
      [`CLAVIGER_${plane.toUpperCase()}_PORT`]: '0',
      ...(plane === 'api' && { CLAVIGER_AUTH_THROTTLE: 'off' }),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => void (output += chunk.toString()));
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const port = await new Promise<number>((found, failed) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      output += `${line}\n`;
      const listens = line.includes(`${plane} listens`) ? /"port":(\d+)/.exec(line) : null;
      if (listens) found(Number(listens[1]));
    });
    void ended.then(() => failed(new Error(`the ${plane} ended at once:\n${output}`)));
  });
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    output: () => output,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}
