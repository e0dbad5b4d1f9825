import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** `state.json` as API.md describes it. */
export interface StackState {
  ports: Record<string, number>;
  urls: { api: string; engine: string; web: string; worker: string; upstream?: string };
  pids: Record<string, number>;
  databaseUrl: string;
  operatorToken: string;
  demo?: {
    orgId: string;
    workspaceId: string;
    owner: { email: string; password: string };
    editor: { email: string; password: string };
    engineToken: string;
    workspaceToken: string;
  };
}

export interface StackOptions {
  /** Whether the demo organization is made and the main job run first; false unless told. */
  demo?: boolean;
  /** Added to the environment of the launcher, and so of every process. */
  env?: Record<string, string | undefined>;
  /** A folder to use again; a temporary one, removed by `stop`, unless told. */
  dataDir?: string;
}

export interface RunningStack {
  state: StackState;
  dataDir: string;
  /** Everything that the launcher printed. */
  output(): string;
  /** The launcher's own process. */
  pid: number;
  /** Asks it to stop, as Ctrl-C does, and waits. Answers the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

const UP_WITHIN_MS = 120_000;

/**
 * Boots the real built processes as `npm start` does, on free ports and a data folder of their own, and waits until
 * state.json is there. Needs a build (`npm run build`; `npm test` makes it). Throws with the launcher's output.
 */
export async function startStack(options: StackOptions = {}): Promise<RunningStack> {
  const root = checkout();
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'claviger-stack-'));
  const ports = ['WEB', 'API', 'ENGINE', 'WORKER', 'UPSTREAM'].map((name) => [`CLAVIGER_${name}_PORT`, '0']);
  const launcher = spawn(
    process.execPath,
    [join(root, 'dist/infra/local/start.js'), ...(options.demo ? [] : ['--no-demo'])],
    {
      cwd: root,
      env: {
        ...process.env,
        NODE_ENV: 'development',
        CLAVIGER_DATA_DIR: dataDir,
        CLAVIGER_AUTH_THROTTLE: 'off',
        ...Object.fromEntries(ports),
        ...options.env,
      },
      // The channel tells it when this process is gone, so that an aborted test run leaves nothing behind.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  launcher.channel?.unref();
  let output = '';
  const listen = (chunk: Buffer) => void (output += chunk.toString());
  launcher.stdout?.on('data', listen);
  launcher.stderr?.on('data', listen);
  let code: number | null | undefined;
  const ended = new Promise<number | null>((resolve) => {
    launcher.once('exit', (exit) => {
      code = exit;
      resolve(exit);
    });
  });
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (code === undefined) launcher.kill(signal);
    await ended;
    if (!options.dataDir) rmSync(dataDir, { recursive: true, force: true });
    return code ?? null;
  };
  const stateFile = join(dataDir, 'state.json');
  for (let waited = 0; waited < UP_WITHIN_MS; waited += 50) {
    if (code !== undefined) break;
    const state = existsSync(stateFile) && (JSON.parse(readFileSync(stateFile, 'utf8')) as StackState);
    // A killed launcher leaves its file behind: only this one's counts.
    if (state && state.pids['launcher'] === launcher.pid) {
      return { state, dataDir, output: () => output, pid: launcher.pid ?? 0, stop };
    }
    await delay(50);
  }
  await stop();
  throw new Error(`the stack did not start (exit code ${code}):\n${output}`);
}

/** The checkout's root, from the sources as from the build. */
function checkout(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'package-lock.json'))) return folder;
  }
  throw new Error('package-lock.json is in no folder above this file');
}
