import type { Scrubber } from '#lib/providers';
import { ContentTally, inspectAtOnce, StreamInspector, type PolicyContent } from '#lib/limits';
import { violationBy } from '../../policies/policy-violation.js';
import type { SaidPiece, WireOperation } from '../wire.js';
import { dataOf, withData } from './sse-event.js';
import { SaidChannel } from './said-channel.js';
import { withoutStructure } from './structure.js';

interface Waiting {
  event: Buffer;
  data: unknown;
  /** By the name of the channel, how much of its text must be told before this event may be. */
  until: Map<string, { channel: SaidChannel; place: number }>;
  isChanged: boolean;
}

/**
 * What a stream says, read across its events: a secret or a number that is cut over several pieces is still one. An event goes on as it
 * came, byte for byte, once all that it says has turned out to be harmless; until then it waits, and those behind it. Where something
 * is taken out, what remains of the text moves to the pieces that follow.
 */
export class SaidStream {
  readonly #channels = new Map<string, SaidChannel>();
  #waiting: Waiting[] = [];

  constructor(
    private readonly operation: WireOperation,
    private readonly scrubber: Scrubber,
    private readonly content: PolicyContent,
    private readonly tally: ContentTally,
  ) {}

  /** One event in, those that may be told by now out. @throws PolicyViolation */
  push(event: Buffer): Buffer[] {
    const data = dataOf(event);
    if (data === undefined) return this.#add({ event, data, until: new Map(), isChanged: false });
    const { pieces, closes } = this.operation.said(data);
    const closed = closes.flatMap((beginning) => this.#close(beginning));
    const waiting: Waiting = { event, data, until: new Map(), isChanged: false };
    for (const [name, own] of byChannel(pieces)) this.#take(waiting, name, own);
    const told = this.#add(this.#readWhole(waiting));
    return closed.length === 0 ? told : [...closed, ...told];
  }

  /** The stream is over: what waits is told. @throws PolicyViolation */
  end(): Buffer[] {
    return [...this.#close(''), ...this.#release()];
  }

  /** All that one event says on one channel. */
  #take(waiting: Waiting, name: string, pieces: SaidPiece[]): void {
    const channel = this.#channel(name);
    const told = channel.push(pieces.map(({ text }) => text).join(''), waiting.event);
    this.#check(channel);
    if (!channel.isChanged) return void waiting.until.set(name, { channel, place: channel.taken });
    pieces.forEach((piece, index) => piece.replace(index === 0 ? told : ''));
    waiting.isChanged = true;
  }

  #channel(name: string): SaidChannel {
    const known = this.#channels.get(name);
    if (known) return known;
    const made = new SaidChannel(
      this.scrubber.stream(),
      new StreamInspector(this.content.compiled, 'output'),
    );
    this.#channels.set(name, made);
    return made;
  }

  /** Nothing follows on these channels: what they hold back is told, in one more event like their last. */
  #close(beginning: string): Buffer[] {
    const out: Buffer[] = [];
    for (const [name, channel] of this.#channels) {
      if (!name.startsWith(beginning)) continue;
      this.#channels.delete(name);
      const rest = channel.end();
      this.#check(channel);
      out.push(...this.#release());
      if (channel.isChanged && rest !== '') out.push(this.#oneMore(name, channel.lastEvent, rest));
    }
    return out;
  }

  #oneMore(name: string, event: Buffer, text: string): Buffer {
    const data = dataOf(event);
    let rest = text;
    for (const piece of this.operation.said(data).pieces) {
      piece.replace(piece.channel === name ? rest : '');
      if (piece.channel === name) rest = '';
    }
    return withData(event, data);
  }

  #add(waiting: Waiting): Buffer[] {
    this.#waiting.push(waiting);
    return this.#release();
  }

  /** In their order: the first one that has to wait keeps all behind it. */
  #release(): Buffer[] {
    const at = this.#waiting.findIndex(mustWait);
    const ready = this.#waiting.splice(0, at === -1 ? this.#waiting.length : at);
    return ready.map((waiting) => this.#told(waiting));
  }

  /** An event that waited for a text of which something was taken out: what is left of the text is told behind it. */
  #told({ event, data, until, isChanged }: Waiting): Buffer {
    let changed = isChanged;
    for (const [name, { channel, place }] of until) {
      channel.passed(place);
      if (!channel.isChanged) continue;
      for (const piece of this.operation.said(data).pieces) if (piece.channel === name) piece.replace('');
      changed = true;
    }
    return changed ? withData(event, data) : event;
  }

  /** What an event says beside its pieces, such as a text that is repeated whole at its end. @throws PolicyViolation */
  #readWhole(waiting: Waiting): Waiting {
    const { compiled, texts } = this.content;
    if (texts.length === 0) return waiting;
    const bare = structuredClone(waiting.data);
    for (const piece of this.operation.said(bare).pieces) piece.replace('');
    const { said, join } = withoutStructure(bare);
    const inspection = inspectAtOnce(compiled, said, 'output');
    this.tally.add(inspection.findings, 'output');
    this.#refuse();
    if (inspection.verdict === 'pass') return waiting;
    const data = join(inspection.value);
    const before = this.operation.said(waiting.data).pieces;
    this.operation.said(data).pieces.forEach((piece, index) => piece.replace(before[index]?.text ?? ''));
    return { ...waiting, data, isChanged: true };
  }

  #check(channel: SaidChannel): void {
    this.tally.add(channel.findings(), 'output');
    if (channel.isBlocked) this.#refuse();
  }

  #refuse(): void {
    const broken = this.tally.blocked();
    if (broken) throw violationBy(broken);
  }
}

/** Nearly every event says one piece. */
function byChannel(pieces: SaidPiece[]): [string, SaidPiece[]][] {
  const [first] = pieces;
  if (!first) return [];
  if (pieces.length === 1) return [[first.channel, pieces]];
  return [...new Set(pieces.map(({ channel }) => channel))].map((name) => [
    name,
    pieces.filter(({ channel }) => channel === name),
  ]);
}

function mustWait({ until }: Waiting): boolean {
  for (const { channel, place } of until.values())
    if (!channel.isChanged && channel.told < place) return true;
  return false;
}
