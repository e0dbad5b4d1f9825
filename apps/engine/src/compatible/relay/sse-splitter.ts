const LF = 0x0a;
const CR = 0x0d;

/** A stretch of a stream: whole events are told apart from pieces of one that is too long to wait for. */
export interface Stretch {
  bytes: Buffer;
  isEvent: boolean;
}

/** Cuts a stream of server-sent events at the blank lines between them. Joined, the stretches are the stream, byte for byte. */
export class SseSplitter {
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Of the line that is open: how many bytes it has, and whether the only one is a CR. */
  #line = 0;
  #isOnlyCr = false;
  /** The event that is open was given out in part. */
  #isBroken = false;

  /** `longest`: an event of more bytes is given out in pieces. */
  constructor(private readonly longest: number) {}

  push(chunk: Buffer): Stretch[] {
    const out: Stretch[] = [];
    let start = 0;
    let from = 0;
    for (let lf = chunk.indexOf(LF); lf !== -1; lf = chunk.indexOf(LF, from)) {
      this.#grow(chunk, from, lf);
      const isBlank = this.#line === 0 || (this.#line === 1 && this.#isOnlyCr);
      this.#line = 0;
      this.#isOnlyCr = false;
      from = lf + 1;
      if (!isBlank) continue;
      out.push(this.#take(chunk.subarray(start, from), true));
      start = from;
    }
    this.#grow(chunk, from, chunk.length);
    if (start < chunk.length) this.#hold(chunk.subarray(start));
    if (this.#heldBytes > this.longest) out.push(this.#take(Buffer.alloc(0), false));
    return out;
  }

  /** What is left when the stream is over. */
  end(): Stretch[] {
    return this.#heldBytes > 0 ? [this.#take(Buffer.alloc(0), true)] : [];
  }

  #grow(chunk: Buffer, from: number, to: number): void {
    if (to === from) return;
    this.#isOnlyCr = this.#line === 0 && to - from === 1 && chunk[from] === CR;
    this.#line += to - from;
  }

  #hold(bytes: Buffer): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
  }

  #take(rest: Buffer, isOver: boolean): Stretch {
    const bytes = this.#heldBytes === 0 ? rest : Buffer.concat([...this.#held, rest]);
    const isEvent = isOver && !this.#isBroken;
    this.#isBroken = !isOver;
    this.#held = [];
    this.#heldBytes = 0;
    return { bytes, isEvent };
  }
}
