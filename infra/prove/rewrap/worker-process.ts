import { spawn, type ChildProcess } from 'node:child_process';
import { join, resolve } from 'node:path';
import { processEnvironment } from '#lib/config';

const MAIN = join(resolve(import.meta.dirname, '../../../..'), 'dist/apps/worker/src/main.js');

/** What the worker of the proof is started with, beside what every process has. */
export interface WorkerSettings {
  databaseUrl: string;
  kmsEndpoint: string;
  /** The new master key. */
  kmsKeyId: string;
}

/** The built worker, as an operator starts it for a re-wrap: a process of its own. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  /** Everything that it logged. */
  output = '';
  readonly ended: Promise<void>;

  constructor(settings: WorkerSettings) {
    this.#child = spawn(process.execPath, [MAIN], {
      env: {
        PATH: processEnvironment().PATH,
        DATABASE_URL: settings.databaseUrl,
        CLAVIGER_WORKER_PORT: '0',
        CLAVIGER_DEPLOYMENT: 'prove',
        CLAVIGER_REWRAP_FROM: 'all',
        CLAVIGER_KMS: 'aws',
        CLAVIGER_KMS_KEY_ID: settings.kmsKeyId,
        AWS_REGION: 'eu-central-1',
        AWS_ENDPOINT_URL_KMS: settings.kmsEndpoint,
        AWS_ACCESS_KEY_ID: 'AKIDWORKER',
        AWS_SECRET_ACCESS_KEY: 'prove',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const listen = (chunk: Buffer) => void (this.output += chunk.toString());
    this.#child.stdout?.on('data', listen);
    this.#child.stderr?.on('data', listen);
    this.ended = new Promise((resolve) => this.#child.once('exit', () => resolve()));
  }

  /** kill -9: no handler of the process runs. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.ended;
  }
}
