import { resolve } from 'node:path';
import { ConfigError } from '#lib/config';
import { runDemo } from './demo/run.js';
import { checkSettings } from './launcher/check-settings.js';
import { claimDataDir, writePrivate, type DataDir } from './launcher/data-dir.js';
import { startStack, type Stack } from './launcher/stack.js';
import type { State } from './launcher/state.js';

const USAGE = `npm start [-- <option>]
  --once     run the main job once and end: exit code 0 when it went through, 1 when not
  --no-demo  start empty: no demo organization and no fake vendors
  --watch    show the processes' log lines (npm run dev)
Settings are variables of the environment: infra/docs/settings.md`;

const root = resolve(import.meta.dirname, '../../..');
const OPTIONS = ['--once', '--no-demo', '--watch', '--help'];

/** Runs `npm start` from beginning to end. Answers the exit code. */
async function main(options: string[]): Promise<number> {
  const unknown = options.filter((option) => !OPTIONS.includes(option));
  if (unknown.length > 0 || options.includes('--help')) {
    say(unknown.length > 0 ? `Unknown option ${unknown.join(', ')}.\n${USAGE}` : USAGE);
    return unknown.length > 0 ? 2 : 0;
  }
  const stopAsked = signalled();
  const config = await checkSettings();
  for (const warning of config.warnings) say(`warning: ${warning}`);
  const dataDir = await claimDataDir(config.dataDir, root);
  try {
    const demo = !options.includes('--no-demo');
    const echo = options.includes('--watch') ? say : undefined;
    const stack = await startStack({ root, config, dataDir, demo, log: say, echo, stopAsked });
    try {
      return await serve(stack, dataDir, {
        demo,
        once: options.includes('--once'),
        password: config.demoPassword,
        stopAsked,
      });
    } finally {
      await stack.stop();
    }
  } finally {
    dataDir.release();
  }
}

interface ServeOptions {
  demo: boolean;
  once: boolean;
  password: string | null;
  stopAsked: Promise<string>;
}

/** From "every process is ready" to "asked to stop", or to the end of the main job with --once. */
async function serve(stack: Stack, dataDir: DataDir, options: ServeOptions): Promise<number> {
  const publish = (state: State) => writePrivate(dataDir.stateFile, `${JSON.stringify(state, null, 2)}\n`);
  const interrupted = Promise.race([options.stopAsked, stack.broken]);
  const demo = await Promise.race([
    options.demo ? runDemo(stack.state, dataDir, options.password, say) : undefined,
    interrupted,
  ]);
  if (typeof demo === 'string') {
    say(demo);
    return 1;
  }
  const publishNow = () => publish({ ...stack.state, ...(demo?.state && { demo: demo.state }) });
  publishNow();
  stack.onChange(publishNow);
  if (options.once) return demo === undefined || demo.ok ? 0 : 1;
  say(
    `\nClaviger is up: ${stack.state.urls.web}   (api ${stack.state.urls.api}, engine ${stack.state.urls.engine})`,
  );
  say(`How to reach it, for tools: ${dataDir.stateFile}. Ctrl-C stops it; data stays in ${dataDir.path}.`);
  const reason = await interrupted;
  say(`\n${reason}; stopping …`);
  return reason.startsWith('asked') ? 0 : 1;
}

/** Resolves once a signal asks to stop. A second one is ignored: stopping in order takes a few seconds at most. */
function signalled(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => resolve(`asked to stop (${signal})`));
    }
    // Started by the bootstrap, which is gone.
    process.on('disconnect', () => resolve('asked to stop (its parent ended)'));
    process.channel?.unref();
  });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const known = error instanceof ConfigError || (error instanceof Error && !process.argv.includes('--watch'));
  process.stderr.write(`${known ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
// Nothing of ours is left running; a lingering socket must not keep the terminal.
setTimeout(() => process.exit(), 500).unref();
