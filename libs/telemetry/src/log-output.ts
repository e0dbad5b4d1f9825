import { write, writeSync } from 'node:fs';

/** How long a line waits for others to be written with it, in milliseconds, and how much of them is not waited with. */
const GATHER_MS = 10;
const ENOUGH = 65_536;
/** How long a reader that is slow is given before it is asked again, in milliseconds. */
const SLOW_MS = 50;
/** How often it is asked again by a process that ends. */
const LAST_ATTEMPTS = 20;

/**
 * Where a process writes its log: a file descriptor, written to beside the work, several lines at once. What still waits when the process
 * ends is written then. Where nobody reads any more, nothing is written from then on, and nobody waits for it: pino's own destination
 * (sonic-boom 4.2.1, `flushSync`) asks a closed pipe again and again, so that a process whose reader had died never ended.
 */
export class LogOutput {
  readonly #fd: number;
  #waiting = '';
  #isWriting = false;
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param fd of standard output unless told */
  constructor(fd = 1) {
    this.#fd = fd;
    process.once('exit', () => this.flushSync());
  }

  write(line: string): void {
    if (this.#isClosed) return;
    this.#waiting += line;
    if (this.#isWriting) return;
    if (this.#waiting.length >= ENOUGH) return this.#next();
    this.#timer ??= setTimeout(() => this.#next(), GATHER_MS);
  }

  /** Writes what waits before it returns, as far as the reader takes it. What is on its way already goes on. */
  flushSync(): void {
    let rest = Buffer.from(this.#waiting);
    this.#waiting = '';
    for (let attempt = 1; rest.length > 0 && !this.#isClosed;) {
      try {
        rest = rest.subarray(writeSync(this.#fd, rest));
      } catch (error) {
        if (!isSlow(error) || attempt === LAST_ATTEMPTS) this.#isClosed = true;
        else pause(SLOW_MS);
        attempt += 1;
      }
    }
  }

  #next(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isWriting = this.#waiting !== '' && !this.#isClosed;
    if (!this.#isWriting) return;
    const lines = Buffer.from(this.#waiting);
    this.#waiting = '';
    this.#send(lines);
  }

  /** What came meanwhile waits for more of it. */
  #rest(): void {
    this.#isWriting = false;
    if (this.#waiting !== '') this.write('');
  }

  #send(lines: Buffer): void {
    write(this.#fd, lines, (error, written) => {
      if (error && isSlow(error)) {
        setTimeout(() => this.#send(lines), SLOW_MS);
        return;
      }
      if (error) this.#isClosed = true;
      if (!error && written < lines.length) this.#send(lines.subarray(written));
      else this.#rest();
    });
  }
}

let standardOutput: LogOutput | undefined;

/** The one of this process. */
export function logOutput(): LogOutput {
  standardOutput ??= new LogOutput();
  return standardOutput;
}

function isSlow(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'EAGAIN';
}

/** Blocks: a process that ends has nothing else to do. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
