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
  /** How long it may take to end when it is asked to, in milliseconds; 10 s unless told. */
  patienceMs?: number;
  /** Told what it says over the channel. */
  onMessage?: (message: unknown) => void;
  /** Aborted when there is no point in waiting any longer: the process is stopped, and the reason thrown. */
  signal?: AbortSignal;
}

export interface RunningChild {
  name: string;
  pid: number;
  /** Resolves with a description when the process has ended. */
  ended: Promise<string>;
  /** What it said last, and where all of it is; for messages. */
  lastWords(): string;
  stop(): Promise<void>;
}

const ROTATE_AT = 20 * 1024 * 1024;
const READY_WITHIN_MS = 60_000;
const PATIENCE_MS = 10_000;
/** What a process wrote before it ended may reach us after the news of its end. */
const LAST_WORDS_MS = 500;

/**
 * Starts a process in a session of its own (so that Ctrl-C reaches the launcher alone, which then stops things in order),
 * logs what it says, and waits until it is ready. Throws with its last lines when it ends or does not get ready within 60 s,
 * and the signal's reason when that comes first; the process is stopped then.
 */
export async function startChild(spec: ChildSpec): Promise<RunningChild> {
  const log = openLog(spec.logs, spec.name);
  const child = spawn(process.execPath, spec.args, {
    cwd: spec.cwd,
    env: spec.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  if (spec.onMessage) child.on('message', spec.onMessage);
  const last: string[] = [];
  const keep = (line: string) => {
    const entry = asEntry(spec.name, line);
    last.push(line);
    if (last.length > 20) last.shift();
    log.write(`${entry}\n`);
    spec.echo?.(entry);
  };
  const readers = [child.stdout, child.stderr].map((stream) => readLines(stream, keep));
  const end: End = {};
  const ended = new Promise<string>((resolve) => {
    const over = (how: string) => {
      end.how ??= how;
      resolve(end.how);
    };
    child.once('exit', (code, signal) => {
      const how = `${spec.name} ended (${signal ?? `exit code ${code}`})`;
      child.once('close', () => over(how));
      setTimeout(() => over(how), LAST_WORDS_MS).unref();
    });
    child.once('error', (error) => over(`${spec.name} did not start: ${error.message}`));
  });
  const running = {
    name: spec.name,
    pid: child.pid ?? 0,
    ended,
    lastWords: () => `It said last (all of it: ${logFile(spec.logs, spec.name)}):\n  ${last.join('\n  ')}`,
    stop: () => stop({ child, ended, end, log, readers }, spec.patienceMs),
  };
  const failure = await ready(spec, end);
  if (failure === undefined) return running;
  await running.stop();
  spec.signal?.throwIfAborted();
  throw new Error(`${failure}\n${running.lastWords()}`);
}

/** How a process ended, once it has. */
interface End {
  how?: string;
}

/** Waits until the process can serve. Answers what went wrong, or nothing. */
async function ready(spec: ChildSpec, end: End): Promise<string | undefined> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline) {
    if (end.how !== undefined) return `${end.how} before it was ready.`;
    if (spec.signal?.aborted) return 'no longer wanted';
    const answer = await fetch(spec.readyUrl, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    if (answer?.status === 200) return undefined;
    await delay(50);
  }
  return `${spec.name} was not ready within ${READY_WITHIN_MS / 1000} s (${spec.readyUrl}).`;
}

interface Stoppable {
  child: ChildProcess;
  ended: Promise<string>;
  end: End;
  log: WriteStream;
  readers: Interface[];
}

/** Asks the process to end, and ends it when it has not within its time. */
async function stop(
  { child, ended, end, log, readers }: Stoppable,
  patienceMs: number = PATIENCE_MS,
): Promise<void> {
  if (end.how === undefined && child.pid !== undefined) {
    child.kill('SIGTERM');
    const patience = new AbortController();
    const impatient = delay(patienceMs, undefined, { signal: patience.signal }).then(
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

function logFile(folder: string, name: string): string {
  return join(folder, `${name}.log`);
}

function openLog(folder: string, name: string): WriteStream {
  const file = logFile(folder, name);
  if (existsSync(file) && statSync(file).size > ROTATE_AT) renameSync(file, `${file}.1`);
  return createWriteStream(file, { flags: 'a', mode: 0o600 });
}
