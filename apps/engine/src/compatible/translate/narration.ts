import type { LoopUsage, NeutralFinish } from '#lib/providers';
import { NO_TOKENS, type TokenUse } from '../../pipeline/cost.js';
import { tokensIn } from '../../pipeline/estimate.js';
import type { StepEvent } from '../../policies/run-inspection.js';
import type { ClientAnswer } from '../relay/client-answer.js';
import type { SaidCall, Speaker } from './speaker.js';

const STREAM = ['content-type', 'text/event-stream; charset=utf-8'];
export const JSON_TYPE = ['content-type', 'application/json'];

/** Tells the client in its own wire what a model of another one says: as it comes, or whole. */
export class Narration {
  #text = '';
  readonly #calls: SaidCall[] = [];
  #held: string[] = [];
  #received = 0;
  #begun = false;

  /** `holds`: nothing may be told before all of it is there. */
  constructor(
    private readonly speaker: Speaker,
    private readonly client: ClientAnswer,
    private readonly streams: boolean,
    private readonly holds: boolean,
  ) {}

  received(characters: number): void {
    this.#received += characters;
  }

  tell(events: StepEvent[]): void {
    for (const event of events) {
      if (event.type === 'text.delta') {
        this.#text += event.delta;
        this.#say(() => this.speaker.text(event.delta));
      }
      if (event.type !== 'tool.call') continue;
      const call = { id: event.toolCallId, name: event.name, input: event.input };
      this.#calls.push(call);
      this.#say(() => this.speaker.call(call));
    }
  }

  end(reason: NeutralFinish, usage: LoopUsage): void {
    if (!this.streams) {
      const answer = this.speaker.whole({ text: this.#text, calls: this.#calls, reason, usage });
      return this.client.send(200, JSON_TYPE, Buffer.from(JSON.stringify(answer), 'utf8'));
    }
    const last = this.#opened() + this.speaker.end(reason, usage);
    if (!this.client.hasBegun) this.client.begin(200, STREAM);
    this.client.end([...this.#held, last].join(''));
  }

  /** For a judge to read. */
  get said(): string {
    const calls = this.#calls.map(({ name, input }) => `[tool call ${name}]\n${JSON.stringify(input)}`);
    return [this.#text, ...calls].filter((part) => part !== '').join('\n\n');
  }

  /** Of a call that was cut off before its vendor reported. */
  known(sentBytes: number): TokenUse {
    return { ...NO_TOKENS, inputTokens: tokensIn(sentBytes), outputTokens: tokensIn(this.#received) };
  }

  #say(words: () => string): void {
    if (!this.streams) return;
    const text = this.#opened() + words();
    if (this.holds) return void this.#held.push(text);
    if (!this.client.hasBegun) this.client.begin(200, STREAM);
    this.client.write(Buffer.from(text, 'utf8'));
  }

  #opened(): string {
    if (this.#begun) return '';
    this.#begun = true;
    return this.speaker.begin();
  }
}
