import { open, type FileHandle } from 'node:fs/promises';
import type { OutsideEpoch } from '../restored/judge.js';
import { parseCheckpointLine, type CheckpointLine, type CheckpointVerifier } from './checkpoint-line.js';

const BLOCK_BYTES = 1024 * 1024;
/** How much of what was read before is compared, to notice a file that was replaced. */
const TAIL_BYTES = 256;
const NEWLINE = 0x0a;

/**
 * Reads the highest epoch of a file of checkpoints. All of it counts: who can append old lines must not hide the newer ones. Later
 * reads go on where the last one ended, unless the file is another one by then.
 */
export class CheckpointReader {
  #offset = 0;
  #tail = Buffer.alloc(0);
  #highest: OutsideEpoch | null = null;

  constructor(
    private readonly path: string,
    private readonly verifier: CheckpointVerifier,
    private readonly deployment: string,
  ) {}

  /** Null: the file is missing, or no line in it is genuine and of this deployment. */
  async read(): Promise<OutsideEpoch | null> {
    const file = await open(this.path, 'r').catch(nullIfMissing);
    if (file === null) {
      this.#forget();
      return null;
    }
    try {
      if (!(await this.#isSame(file))) this.#forget();
      return await this.#readOn(file);
    } finally {
      await file.close();
    }
  }

  #forget(): void {
    this.#offset = 0;
    this.#tail = Buffer.alloc(0);
    this.#highest = null;
  }

  async #isSame(file: FileHandle): Promise<boolean> {
    const before = await bytesAt(file, this.#offset - this.#tail.length, this.#tail.length);
    return before.equals(this.#tail);
  }

  async #readOn(file: FileHandle): Promise<OutsideEpoch | null> {
    let [rest, at] = [Buffer.alloc(0), this.#offset];
    for (;;) {
      const block = await bytesAt(file, at, BLOCK_BYTES);
      at += block.length;
      const text = Buffer.concat([rest, block]);
      const end = text.lastIndexOf(NEWLINE) + 1;
      this.#highest = this.#better(text.subarray(0, end), this.#highest);
      this.#offset += end;
      if (end > 0) this.#tail = Buffer.from(text.subarray(Math.max(0, end - TAIL_BYTES), end));
      rest = text.subarray(end);
      // A last line without its end is read again next time; only the newline may be missing.
      if (block.length === 0) return this.#better(rest, this.#highest);
    }
  }

  /** The highest genuine epoch of these lines, if it is higher. Signatures are dear, so the highest line is tried first. */
  #better(lines: Buffer, known: OutsideEpoch | null): OutsideEpoch | null {
    const candidates = lines
      .toString('utf8')
      .split('\n')
      .map(parseCheckpointLine)
      .filter((line) => line?.deployment === this.deployment)
      .filter((line) => line !== undefined)
      .sort((a, b) => order(b) - order(a));
    for (const line of candidates) {
      if (known && order(line) <= orderOf(known)) return known;
      if (this.verifier.genuine(line)) return seenIn(line);
    }
    return known;
  }
}

/** Beginnings come before every epoch, in their own order. */
function order(line: CheckpointLine): number {
  return orderOf(seenIn(line));
}

function orderOf({ epoch, beganAt }: OutsideEpoch): number {
  return beganAt === undefined ? epoch : -1 / (beganAt + 1);
}

function seenIn(line: CheckpointLine): OutsideEpoch {
  const { epoch } = line;
  if (line.kind === 'checkpoints-begun') return { epoch, atMs: null, beganAt: line.beganAt };
  return { epoch, atMs: line.kind === 'backup-restored' ? null : Date.parse(line.at) };
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  if (length === 0) return Buffer.alloc(0);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function nullIfMissing(error: unknown): null {
  if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
}
