import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Stage } from './stage.js';
import { DEPLOYMENT } from './tenants.js';

const ROOT = resolve(import.meta.dirname, '../../../..');

export interface EngineProcess {
  url: string;
  /** What it has said on its outputs so far. */
  log(): string;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM, as whoever supervises it does; resolves when it is gone. */
  terminate(): Promise<void>;
}

/** The built engine as a process of its own over the stage's database, upstream and keys. */
export async function startEngineProcess(
  stage: Stage,
  settings: Record<string, string> = {},
): Promise<EngineProcess> {
  const { config } = stage;
  const child = spawn(process.execPath, [join(ROOT, 'dist/apps/engine/src/main.js')], {
    cwd: ROOT,
    env: {
      NODE_ENV: 'test',
      CLAVIGER_ENGINE_PORT: '0',
      CLAVIGER_SHUTDOWN_GRACE_SECONDS: String(config.shutdownGraceSeconds),
      DATABASE_URL: config.databaseUrl,
      CLAVIGER_DEPLOYMENT: DEPLOYMENT,
      CLAVIGER_EGRESS_ALLOW: config.egressAllow.join(','),
      CLAVIGER_TICKET_PUBLIC_KEY: config.ticketPublicKeyPath,
      CLAVIGER_KMS_PRIVATE_KEYSET: String(config.kms.adapter === 'local' ? config.kms.privateKeysetPath : ''),
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  const lines: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
  const port = await new Promise<string>((found, failed) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      const [, listens] = line.includes('engine listens') ? (/"port":(\d+)/.exec(line) ?? []) : [];
      if (listens) found(listens);
    });
    void ended.then(() => failed(new Error(`the engine ended at once:\n${lines.join('\n')}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    log: () => lines.join('\n'),
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    terminate: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
