import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** The folder that `npm start` keeps everything in, claimed for one launcher at a time. */
export interface DataDir {
  path: string;
  logs: string;
  keys: string;
  /** The file that tells others how to reach this installation while it runs. */
  stateFile: string;
  /** What the demo remembers between starts. */
  demoFile: string;
  /** Remembers the processes, so that a later start can end what a killed one left. */
  recordPids(pids: Record<string, number>): void;
  release(): void;
}

interface Claim {
  pid: number;
  children: Record<string, number>;
}

/**
 * Makes the folder and claims it. What an earlier launcher left behind (killed with -9) is ended first; a launcher that
 * still runs is an error. The folder's mode is 0711: the database's user must pass through it, nobody may list it.
 */
export async function claimDataDir(wished: string, ownRoot: string): Promise<DataDir> {
  const path = resolve(wished);
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o711);
  const claimFile = join(path, 'launcher.json');
  const stateFile = join(path, 'state.json');
  await endLeftovers(claimFile, ownRoot, path);
  rmSync(stateFile, { force: true });
  const logs = join(path, 'logs');
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  const write = (children: Record<string, number>) =>
    writePrivate(claimFile, JSON.stringify({ pid: process.pid, children } satisfies Claim));
  write({});
  return {
    path,
    logs,
    keys: join(path, 'keys'),
    stateFile,
    demoFile: join(path, 'demo.json'),
    recordPids: write,
    release: () => {
      rmSync(stateFile, { force: true });
      rmSync(claimFile, { force: true });
    },
  };
}

/** Writes a file of mode 0600 whole or not at all. */
export function writePrivate(path: string, text: string): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, path);
}

async function endLeftovers(claimFile: string, ownRoot: string, path: string): Promise<void> {
  const claim = readClaim(claimFile);
  if (!claim) return;
  if (claim.pid !== process.pid && isOurs(claim.pid, ownRoot)) {
    throw new Error(
      `Claviger already runs from ${path} (process ${claim.pid}). Stop it with Ctrl-C or "kill ${claim.pid}", or set CLAVIGER_DATA_DIR to another folder.`,
    );
  }
  const left = Object.values(claim.children).filter((pid) => isOurs(pid, ownRoot));
  for (const pid of left) signal(pid, 'SIGTERM');
  for (let waited = 0; waited < 8_000 && left.some((pid) => isOurs(pid, ownRoot)); waited += 100)
    await delay(100);
  for (const pid of left) if (isOurs(pid, ownRoot)) signal(pid, 'SIGKILL');
}

function readClaim(file: string): Claim | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Claim;
  } catch {
    return undefined;
  }
}

/** Whether a process is one of this checkout's: a number alone may meanwhile belong to any program. */
function isOurs(pid: number, ownRoot: string): boolean {
  try {
    process.kill(pid, 0);
    const command = `/proc/${pid}/cmdline`;
    return existsSync('/proc') ? readFileSync(command, 'utf8').includes(ownRoot) : true;
  } catch {
    return false;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended by itself.
  }
}
