import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError, sha256 } from '#lib/kernel';
import type { RememberedEpochs } from './judge.js';

const FILE = 'epochs.json';
const CONTEXT = 'claviger remembered epochs v1\n';

/**
 * The highest epochs that an engine has seen, in a folder of its own: neither a restored database nor a replaced file of
 * checkpoints takes them back. Several engines may share the folder. The checksum tells damage, not intent: who can write
 * here is the engine.
 */
export class EpochMemory {
  readonly path: string;
  #known: RememberedEpochs | null = null;

  constructor(
    folder: string,
    private readonly deployment: string,
  ) {
    this.path = join(folder, FILE);
  }

  /** Null: nothing is remembered yet. Throws `memory_damaged`. */
  async recall(): Promise<RememberedEpochs | null> {
    const text = await readFile(this.path, 'utf8').catch(nullIfMissing);
    // What this process saw itself counts though its file is gone.
    if (text === null) return this.#known;
    const found = this.#parsed(text);
    if (!found)
      throw new AppError(
        'memory_damaged',
        `${this.path} is damaged or of another installation: whether the database is the present one cannot be told by it. Compare the database with the checkpoints (npm run audit -- verify), then remove the file; it is made again.`,
      );
    this.#known = later(found, this.#known);
    return this.#known;
  }

  /** Never goes back. Written whole or not at all. */
  async remember(epochs: RememberedEpochs): Promise<void> {
    const known = await this.recall();
    const next = later(epochs, known);
    if (known && next.database.epoch === known.database.epoch && next.checkpoints === known.checkpoints)
      return this.#ensure(next);
    await this.#write(next);
    this.#known = next;
  }

  async #ensure(epochs: RememberedEpochs): Promise<void> {
    if ((await readFile(this.path, 'utf8').catch(nullIfMissing)) === null) await this.#write(epochs);
  }

  async #write(epochs: RememberedEpochs): Promise<void> {
    const facts = inOrder(this.deployment, epochs);
    const draft = join(dirname(this.path), `.${FILE}.${randomBytes(6).toString('hex')}`);
    try {
      const file = await open(draft, 'wx', 0o600);
      try {
        await file.writeFile(`${JSON.stringify({ ...facts, sha256: checksum(facts) })}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, this.path);
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  #parsed(text: string): RememberedEpochs | undefined {
    try {
      const stored = JSON.parse(text) as Stored;
      const { database, checkpoints } = inOrder(stored.deployment, stored);
      const ours = stored.deployment === this.deployment;
      const whole = ours && stored.sha256 === checksum(inOrder(this.deployment, stored));
      return whole && [database.epoch, checkpoints].every(Number.isSafeInteger)
        ? { database, checkpoints }
        : undefined;
    } catch {
      return undefined;
    }
  }
}

interface Stored extends RememberedEpochs {
  deployment: string;
  sha256: string;
}

function inOrder(deployment: string, { database: { epoch, atMs }, checkpoints }: RememberedEpochs) {
  return { deployment, database: { epoch, atMs }, checkpoints };
}

function later(a: RememberedEpochs, b: RememberedEpochs | null): RememberedEpochs {
  if (!b) return a;
  return {
    database: a.database.epoch >= b.database.epoch ? a.database : b.database,
    checkpoints: Math.max(a.checkpoints, b.checkpoints),
  };
}

function checksum(facts: object): string {
  return sha256(Buffer.from(CONTEXT + JSON.stringify(facts))).toString('hex');
}

function nullIfMissing(error: unknown): null {
  if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
}
