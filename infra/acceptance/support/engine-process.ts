import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LocalKmsFiles, TestDatabase } from '#lib/testing';
import { DEPLOYMENT } from '../../../apps/engine/test/support/tenants.js';
import { ROOT } from './broken-build.js';

const UP_WITHIN_MS = 30_000;

/** A pair for tickets of the control plane: the public half in a file, as the engine wants it. */
export function ticketKeys(files: LocalKmsFiles): { publicPath: string; privatePem: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const publicPath = join(files.dir, 'ticket.pem');
  writeFileSync(publicPath, publicKey);
  return { publicPath, privatePem: privateKey };
}

/** Everything that an engine has to be told. */
export function engineEnvironment(
  database: TestDatabase,
  files: LocalKmsFiles,
  ticketPublicKey: string,
): Record<string, string> {
  return {
    NODE_ENV: 'test',
    PATH: process.env['PATH'] ?? '',
    DATABASE_URL: database.engineUrl,
    CLAVIGER_DEPLOYMENT: DEPLOYMENT,
    CLAVIGER_ENGINE_PORT: '0',
    CLAVIGER_LOG_LEVEL: 'debug',
    CLAVIGER_KMS_PRIVATE_KEYSET: files.paths.privateKeysetPaths.call,
    CLAVIGER_TICKET_PUBLIC_KEY: ticketPublicKey,
  };
}

/** The built engine as a process of its own, told everything by its environment, as an operator starts it. */
export class EngineProcess {
  readonly #child: ChildProcess;
  /** Everything that it wrote to standard output and standard error. */
  output = '';
  /** Its exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  #code: number | null | undefined;

  constructor(env: Record<string, string>, main = join(ROOT, 'dist/apps/engine/src/main.js')) {
    this.#child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const listen = (chunk: Buffer) => void (this.output += chunk.toString());
    this.#child.stdout?.on('data', listen);
    this.#child.stderr?.on('data', listen);
    // `close`, not `exit`: by then everything that it wrote has been read.
    this.ended = new Promise((resolve) =>
      this.#child.once('close', (code) => {
        this.#code = code;
        resolve(code);
      }),
    );
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The address that it listens at. Throws with its output when it ends before. */
  async url(): Promise<string> {
    for (let waited = 0; waited < UP_WITHIN_MS && this.#code === undefined; waited += 20) {
      const [, port] = /"port":(\d+),"msg":"engine listens"/.exec(this.output) ?? [];
      if (port) return `http://127.0.0.1:${port}`;
      await delay(20);
    }
    throw new Error(`the engine does not listen:\n${this.output}`);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#child.kill(signal);
    await this.ended;
  }
}
