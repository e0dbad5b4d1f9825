import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, existsSync, renameSync, statSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

export interface ChildSpec {
  name: string;
  /** Arguments of node: flags, script, arguments. */
  args: string[];
  env: Record<string, string | undefined>;
  cwd: string;
  /** Answers 200 once the process can serve. */
  readyUrl: string;
  logs: string;
  /** Where lines are shown as well; for `npm run dev`. */
  echo?: (line: string) => void;
}

export interface RunningChild {
  name: string;
  pid: number;
  /** Resolves with a description when the process has ended. */
  ended: Promise<string>;
  stop(): Promise<void>;
}

const ROTATE_AT = 20 * 1024 * 1024;
const READY_WITHIN_MS = 60_000;
const PATIENCE_MS = 10_000;

/**
 * Starts a process in a session of its own (so that Ctrl-C reaches the launcher alone, which then stops things in order),
 * logs what it says, and waits until it is ready. Throws with its last lines when it ends or does not get ready within 60 s.
 */
export async function startChild(spec: ChildSpec): Promise<RunningChild> {
  const log = openLog(spec.logs, spec.name);
  const child = spawn(process.execPath, spec.args, {
    cwd: spec.cwd,
    env: spec.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const last: string[] = [];
  const keep = (line: string) => {
    const entry = asEntry(spec.name, line);
    last.push(line);
    if (last.length > 20) last.shift();
    log.write(`${entry}\n`);
    spec.echo?.(entry);
  };
  const readers = [child.stdout, child.stderr].map((stream) => readLines(stream, keep));
  const end = { over: false };
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      end.over = true;
      resolve(`${spec.name} ended (${signal ?? `exit code ${code}`})`);
    });
    child.once('error', (error) => resolve(`${spec.name} did not start: ${error.message}`));
  });
  const running = {
    name: spec.name,
    pid: child.pid ?? 0,
    ended,
    stop: () => stop(child, ended, end, log, readers),
  };
  try {
    await ready(spec, end);
  } catch (error) {
    await running.stop();
    throw new Error(
      `${String(error instanceof Error ? error.message : error)}\nIts last lines:\n  ${last.join('\n  ')}`,
      { cause: error },
    );
  }
  return running;
}

async function ready(spec: ChildSpec, end: { over: boolean }): Promise<void> {
  for (let waited = 0; waited < READY_WITHIN_MS; waited += 50) {
    if (end.over) throw new Error(`${spec.name} ended before it was ready.`);
    const answer = await fetch(spec.readyUrl, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    if (answer?.status === 200) return;
    await delay(50);
  }
  throw new Error(`${spec.name} was not ready within ${READY_WITHIN_MS / 1000} s (${spec.readyUrl}).`);
}

/** Asks the process to end, and ends it when it has not within 10 s. */
async function stop(
  child: ChildProcess,
  ended: Promise<string>,
  end: { over: boolean },
  log: WriteStream,
  readers: Interface[],
): Promise<void> {
  if (!end.over && child.pid !== undefined) {
    child.kill('SIGTERM');
    const patience = new AbortController();
    const impatient = delay(PATIENCE_MS, undefined, { signal: patience.signal }).then(
      () => child.kill('SIGKILL'),
      () => false,
    );
    await ended;
    patience.abort();
    await impatient;
  }
  for (const reader of readers) reader.close();
  await new Promise<void>((resolve) => log.end(() => resolve()));
}

function readLines(stream: Readable | null, onLine: (line: string) => void): Interface {
  const reader = createInterface({ input: stream ?? process.stdin });
  reader.on('line', onLine);
  return reader;
}

/** Every line of a log file is JSON and says whose it is; what a process prints besides (Next, Node's warnings) is wrapped. */
function asEntry(name: string, line: string): string {
  if (line.startsWith('{') && line.endsWith('}')) return line;
  return JSON.stringify({ level: 'info', time: new Date().toISOString(), process: name, msg: line });
}

function openLog(folder: string, name: string): WriteStream {
  const file = join(folder, `${name}.log`);
  if (existsSync(file) && statSync(file).size > ROTATE_AT) renameSync(file, `${file}.1`);
  return createWriteStream(file, { flags: 'a', mode: 0o600 });
}
