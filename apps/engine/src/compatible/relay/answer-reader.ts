import { ClavigerError } from '#lib/contracts';
import type { Scrubber } from '#lib/providers';
import { ContentTally, inspectValue, type PolicyContent } from '#lib/limits';
import { violationBy } from '../../policies/policy-violation.js';
import type { AskedCall, WireOperation } from '../wire.js';
import { SaidStream } from './said-stream.js';
import { dataOf } from './sse-event.js';
import { ScrubbedBytes } from './scrubbed-bytes.js';
import { SseSplitter, type Stretch } from './sse-splitter.js';
import { withoutStructure } from './structure.js';
import type { UsageWatch } from './usage-watch.js';

const TAIL_BYTES = 16_384;
/** An event that is longer goes on in pieces: nothing that is taken out of a stream is as long. Where rules read, it is waited for. */
const LONGEST_EVENT = 65_536;
const LONGEST_READ = 8 * 1_048_576;

export interface AnswerReaderOptions {
  operation: WireOperation;
  asked: AskedCall;
  scrubber: Scrubber;
  content: PolicyContent;
  usage: UsageWatch;
  /** Whether all of it must be read before a byte may be told. */
  holds: boolean;
}

/**
 * Reads an answer on its way: secrets out, rules applied, usage noted, our own events kept here. What nothing is found in leaves as it
 * came, byte for byte.
 */
export class AnswerReader {
  readonly holds: boolean;
  private readonly operation: WireOperation;
  private readonly asked: AskedCall;
  private readonly content: PolicyContent;
  private readonly usage: UsageWatch;
  readonly #splitter: SseSplitter;
  readonly #bytes: ScrubbedBytes;
  readonly #said: SaidStream;
  readonly tally: ContentTally;
  readonly #texts = new Map<string, string>();
  #tail: Buffer = Buffer.alloc(0);

  constructor({ operation, asked, scrubber, content, usage, holds }: AnswerReaderOptions) {
    this.operation = operation;
    this.asked = asked;
    this.content = content;
    this.usage = usage;
    this.holds = holds;
    this.#splitter = new SseSplitter(this.readsWhole ? LONGEST_READ : LONGEST_EVENT);
    this.tally = new ContentTally(content);
    this.#bytes = new ScrubbedBytes(scrubber);
    this.#said = new SaidStream(operation, scrubber, content, this.tally);
  }

  /** Rules read an answer that is no stream as one value. */
  get readsWhole(): boolean {
    return this.holds || this.content.texts.length > 0;
  }

  /** The next bytes of a stream; answers those that may be told. @throws PolicyViolation */
  stream(chunk: Buffer): Buffer {
    return joined(this.#splitter.push(chunk).flatMap((stretch) => this.#stretch(stretch)));
  }

  streamEnd(): Buffer {
    const last = this.#splitter.end().flatMap((stretch) => this.#stretch(stretch));
    return joined([...last, ...this.#said.end()]);
  }

  /** The next bytes of an answer that is too long to be kept. */
  piece(bytes: Buffer): Buffer {
    const shown = this.#bytes.push(bytes);
    this.#tail = Buffer.concat([this.#tail, shown]).subarray(-TAIL_BYTES);
    return shown;
  }

  pieceEnd(): Buffer {
    const rest = this.#bytes.flush();
    this.usage.body(Buffer.concat([this.#tail, rest]), false);
    return rest;
  }

  /** A whole answer. @throws PolicyViolation */
  async whole(bytes: Buffer): Promise<Buffer> {
    this.usage.body(bytes, true);
    const clean = this.scrubbed(bytes);
    if (this.holds) this.#texts.set('answer', JSON.stringify(withoutStructure(parsed(clean)).said));
    return this.content.texts.length === 0 ? clean : this.#inspected(clean);
  }

  scrubbed(bytes: Buffer): Buffer {
    const shown = this.#bytes.push(bytes);
    const rest = this.#bytes.flush();
    return rest.length === 0 ? shown : Buffer.concat([shown, rest]);
  }

  #stretch({ bytes, isEvent }: Stretch): Buffer[] {
    const clean = this.scrubbed(bytes);
    if (!isEvent && this.readsWhole) throw tooLong();
    this.usage.event(clean);
    if (isEvent && this.operation.isOurs(clean, this.asked)) return [];
    if (this.holds) this.#keep(clean);
    return this.#said.push(clean);
  }

  /** What was said, for a judge to read; kept only where the answer is held. */
  get text(): string {
    return [...this.#texts.values()].join('\n\n');
  }

  #keep(event: Buffer): void {
    for (const { channel, text } of this.operation.said(dataOf(event)).pieces)
      this.#texts.set(channel, (this.#texts.get(channel) ?? '') + text);
  }

  async #inspected(bytes: Buffer): Promise<Buffer> {
    const { said, join } = withoutStructure(parsed(bytes));
    const inspection = await inspectValue(this.content.compiled, said, 'output');
    this.tally.add(inspection.findings, 'output');
    const broken = this.tally.blocked();
    if (broken) throw violationBy(broken);
    if (inspection.verdict === 'pass') return bytes;
    const safe = join(inspection.value);
    return Buffer.from(typeof safe === 'string' ? safe : JSON.stringify(safe), 'utf8');
  }
}

function joined(parts: Buffer[]): Buffer {
  return parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts);
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    return bytes.toString('utf8');
  }
}

function tooLong(): ClavigerError {
  return new ClavigerError(
    'upstream_error',
    `The provider sent an event of more than ${LONGEST_READ} bytes, which the policies of this call cannot read.`,
  );
}
