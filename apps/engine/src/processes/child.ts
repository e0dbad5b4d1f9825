import type { Worker } from 'node:cluster';
import { toPrimary, type ToChild } from './messages.js';

/** How long a process may take to answer what its figures are, in milliseconds. */
const ANSWERS_WITHIN_MS = 2_000;

/** One process that serves, as the primary sees it. */
export interface Child {
  pid: number;
  /** Resolves once it takes calls; never, when it ends before. */
  listening: Promise<void>;
  /** Resolves with how, once it has ended. */
  ended: Promise<string>;
  retire(withinMs: number): void;
  kill(): void;
  /** Its figures; undefined where it does not answer. */
  metrics(): Promise<unknown>;
}

/** The process behind a worker of `node:cluster`. */
export function childOf(worker: Worker): Child {
  const asked = new Map<number, (metrics: unknown) => void>();
  let nextId = 0;
  let listens: () => void = () => undefined;
  const listening = new Promise<void>((resolve) => (listens = resolve));
  const ended = new Promise<string>((resolve) => {
    worker.once('exit', (code, signal) => resolve(signal || `exit code ${code}`));
    worker.once('error', (error) => resolve(error.message));
  });
  worker.on('message', (raw: unknown) => {
    const message = toPrimary(raw);
    if (message?.claviger === 'listening') listens();
    if (message?.claviger === 'metrics') asked.get(message.id)?.(message.metrics);
  });
  // A channel that closes in between is told by the end of the process.
  const say = (message: ToChild): void => {
    if (worker.isConnected()) worker.send(message, () => undefined);
  };
  return {
    pid: worker.process.pid ?? 0,
    listening,
    ended,
    retire: (withinMs) => say({ claviger: 'retire', withinMs }),
    kill: () => worker.process.kill('SIGKILL'),
    metrics: async () => {
      const id = (nextId += 1);
      let timer: NodeJS.Timeout | undefined;
      try {
        return await new Promise((resolve) => {
          asked.set(id, resolve);
          timer = setTimeout(() => resolve(undefined), ANSWERS_WITHIN_MS);
          void ended.then(() => resolve(undefined));
          say({ claviger: 'metrics', id });
        });
      } finally {
        clearTimeout(timer);
        asked.delete(id);
      }
    },
  };
}
