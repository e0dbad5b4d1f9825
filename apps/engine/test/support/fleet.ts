import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Stage } from './stage.js';
import { DEPLOYMENT } from './tenants.js';
import { until } from './until.js';

const ROOT = resolve(import.meta.dirname, '../../../..');
/** A process begins within seconds, on a busy machine within more. */
const BEGINS_MS = 60_000;

/** The built engine as several processes over the stage's database and keys, each behind Node's permission model. */
export interface Fleet {
  url: string;
  metricsUrl: string;
  /** Of the processes that serve, as the primary tells. */
  serving(): number[];
  leaving(): number[];
  signal(name: NodeJS.Signals): void;
  /** Resolves with the exit code of the primary. */
  ended: Promise<number | null>;
  /** What all of them wrote. */
  lines: string[];
}

export async function startFleet(
  stage: Stage,
  count: number,
  settings: Record<string, string> = {},
): Promise<Fleet> {
  const { config } = stage;
  const { kms } = config;
  const keyset = kms.adapter === 'local' ? (kms.privateKeysetPath ?? '') : '';
  const readable = [ROOT, dirname(keyset), dirname(config.ticketPublicKeyPath)];
  const flags = ['--permission', ...readable.map((path) => `--allow-fs-read=${path}`)];
  const child = spawn(process.execPath, [join(ROOT, 'dist/apps/engine/src/processes-main.js'), ...flags], {
    cwd: ROOT,
    env: {
      NODE_ENV: 'test',
      CLAVIGER_ENGINE_PORT: '0',
      CLAVIGER_METRICS_PORT: '0',
      CLAVIGER_ENGINE_PROCESSES: String(count),
      DATABASE_URL: config.databaseUrl,
      CLAVIGER_DEPLOYMENT: DEPLOYMENT,
      CLAVIGER_EGRESS_ALLOW: config.egressAllow.join(','),
      CLAVIGER_TICKET_PUBLIC_KEY: config.ticketPublicKeyPath,
      CLAVIGER_KMS_PRIVATE_KEYSET: keyset,
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let told: { serving: number[]; leaving: number[] } = { serving: [], leaving: [] };
  child.on('message', (message) => (told = message as typeof told));
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    if (stream) createInterface({ input: stream }).on('line', (line) => lines.push(line));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  let isOver = false;
  void ended.then(() => (isOver = true));
  const portIn = (words: string) => {
    const line = lines.find((candidate) => candidate.includes(words)) ?? '';
    return /"port":(\d+)/.exec(line)?.[1];
  };
  await until(() => isOver || portIn('metrics are served') !== undefined, BEGINS_MS);
  return {
    url: `http://127.0.0.1:${portIn('engine listens')}`,
    metricsUrl: `http://127.0.0.1:${portIn('metrics are served')}/metrics`,
    serving: () => told.serving,
    leaving: () => told.leaving,
    signal: (name) => child.kill(name),
    ended,
    lines,
  };
}
