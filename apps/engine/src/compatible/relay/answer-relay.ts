import type { IncomingHttpHeaders } from 'node:http';
import type { DispatchControl, DispatchSink } from '#lib/egress';
import { ClavigerError } from '#lib/contracts';
import type { AnswerReader } from './answer-reader.js';
import type { ClientAnswer } from './client-answer.js';
import { passedHeaders, upstreamId } from './passed-headers.js';

/** An answer that is no stream is kept up to this size and sent at once; a longer one goes on as it comes, unless it must be read whole. */
const KEPT_BYTES = 1_048_576;
const MOST_BYTES = 64 * 1_048_576;

/** What came of an upstream's answer. */
export interface RelayedAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  /** The body of a refusal; null where the answer was told. */
  refused: Buffer | null;
}

/**
 * Between the upstream and the client: bytes go on as they come, no faster than the client takes them. Refusals (400 and above) are
 * collected for whoever decides what the client is told of them.
 */
export class AnswerRelay implements DispatchSink {
  readonly done: Promise<RelayedAnswer>;
  control: DispatchControl | undefined;
  #resolve!: (answer: RelayedAnswer) => void;
  #reject!: (error: unknown) => void;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #isStream = false;
  #kept: Buffer[] | null = [];
  #keptBytes = 0;

  constructor(
    private readonly reader: AnswerReader,
    private readonly client: ClientAnswer,
    /** Asked when all of an answer that is held is there, before a byte of it is told. */
    private readonly judge: (text: string) => Promise<void>,
  ) {
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get upstreamRequestId(): string | null {
    const id = upstreamId(this.#headers);
    return id && this.reader.scrubbed(Buffer.from(id)).toString();
  }

  head(status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    this.#headers = headers;
    this.#isStream = status < 400 && /^text\/event-stream/i.test(headers['content-type'] ?? '');
    if (this.#isStream && !this.reader.holds) this.#begin();
  }

  data(chunk: Buffer): boolean {
    if (this.#isStream && !this.reader.holds) return this.#write(this.reader.stream(chunk));
    if (!this.#kept) return this.#write(this.reader.piece(chunk));
    this.#kept.push(chunk);
    this.#keptBytes += chunk.length;
    if (this.#keptBytes <= KEPT_BYTES) return true;
    if (this.#status >= 400 || this.reader.readsWhole) return this.#assertKeepable();
    const bytes = Buffer.concat(this.#kept);
    this.#kept = null;
    this.#begin();
    return this.#write(this.reader.piece(bytes));
  }

  end(): void {
    this.#end().catch((error: unknown) => this.#reject(error));
  }

  failed(error: unknown): void {
    this.#reject(error);
  }

  async #end(): Promise<void> {
    const answer = { status: this.#status, headers: this.#headers, refused: null };
    const bytes = this.#kept && Buffer.concat(this.#kept);
    if (this.#status >= 400 && bytes)
      return this.#resolve({ ...answer, refused: this.reader.scrubbed(bytes) });
    const rest = await this.#rest(bytes);
    if (this.reader.holds) await this.judge(this.reader.text);
    if (this.client.hasBegun) this.client.end(rest);
    else this.client.send(this.#status, this.#passed(), rest);
    this.#resolve(answer);
  }

  async #rest(bytes: Buffer | null): Promise<Buffer> {
    if (this.#isStream && !this.reader.holds) return this.reader.streamEnd();
    if (!bytes) return this.reader.pieceEnd();
    if (!this.#isStream) return this.reader.whole(bytes);
    return Buffer.concat([this.reader.stream(bytes), this.reader.streamEnd()]);
  }

  #begin(): void {
    this.client.begin(this.#status, this.#passed());
  }

  #passed(): string[] {
    return passedHeaders(this.#headers, (value) => this.reader.scrubbed(Buffer.from(value)).toString());
  }

  #write(bytes: Buffer): boolean {
    if (bytes.length === 0 || this.client.write(bytes)) return true;
    this.client.drained(() => this.control?.resume());
    return false;
  }

  #assertKeepable(): boolean {
    if (this.#keptBytes <= MOST_BYTES) return true;
    throw new ClavigerError(
      'upstream_error',
      `The answer is longer than ${MOST_BYTES} bytes and was cut off.`,
    );
  }
}
