import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** Where the attacker looks; what only an insider of the whole machine would know is told to it. */
export interface AttackTarget {
  /** The id of the private key that it is after. */
  keyId: string;
  root: string;
  /** Files that it would like to read. */
  paths: string[];
  /** A Node process of the same user that is not confined. */
  bystander: number;
  queries: string[];
}

export interface AttackReport {
  /** Private keys that it got hold of, hex. */
  found: string[];
  outcomes: Record<string, string>;
}

export interface HostileProcess {
  /** `http://127.0.0.1:…` of the process under attack. */
  url: string;
  attack(target: AttackTarget): Promise<AttackReport>;
  stop(): Promise<void>;
}

/**
 * Starts a process with the very flags and environment that it has in operation, and hostile code loaded into it. Its
 * script is the last of `args`. `url` answers on `port`, and /readyz says when.
 */
export async function startHostile(plan: {
  args: string[];
  env: Record<string, string | undefined>;
  port: number;
  cwd: string;
}): Promise<HostileProcess> {
  const payload = readFileSync(`${import.meta.dirname}/payload.mjs`).toString('base64');
  const args = [...plan.args];
  args.splice(-1, 0, '--import', `data:text/javascript;base64,${payload}`);
  const child = spawn(process.execPath, args, {
    env: plan.env,
    cwd: plan.cwd,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += String(chunk)));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `http://127.0.0.1:${plan.port}`;
  await waitUntilReady(url, () => {
    if (child.exitCode !== null) throw new Error(`the process ended:\n${output}`);
  });
  return {
    url,
    attack: (target) =>
      new Promise((resolve, reject) => {
        child.once('exit', () => reject(new Error(`the process ended under attack:\n${output}`)));
        child.on(
          'message',
          (message: { report?: AttackReport }) => message.report && resolve(message.report),
        );
        child.send({ attack: target });
      }),
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

async function waitUntilReady(url: string, check: () => void): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    check();
    const ready = await fetch(`${url}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${url} did not get ready`);
}
