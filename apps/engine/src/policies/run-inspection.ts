import type { PolicyRefusal } from '#lib/contracts';
import {
  actsOn,
  ContentTally,
  inspectValue,
  readText,
  StreamInspector,
  TURNS,
  type Direction,
  type PolicyContent,
} from '#lib/limits';
import { withoutFences, type LoopEvent } from '#lib/providers';
import { violationBy } from './policy-violation.js';

export type StepEvent = Exclude<LoopEvent, { type: 'finished' }>;

/** What may hide a character in what is no JSON. */
const ESCAPED = /\\u([0-9a-f]{4})/gi;

/**
 * What is done to a run while it goes on: the model's text as it streams, what it hands to tools, and what they hand back. Between the
 * scrubber and everybody who listens or keeps.
 */
export class RunInspection {
  readonly #content: PolicyContent;
  readonly #tally: ContentTally;
  /** Of the step that is open. */
  #text: StreamInspector;
  #step = 0;
  /** The step's text so far, where it is held to the end of the step: JSON hides in escapes what its values say. */
  #held: string | undefined;
  readonly #holds: boolean;

  /** `structured`: the answer is asked for in another form than text. */
  constructor(content: PolicyContent, structured: boolean) {
    this.#content = content;
    this.#tally = new ContentTally(content);
    this.#text = this.#fresh();
    this.#holds = structured && actsOn(content.compiled, 'output');
  }

  /** What was found and refused nothing. */
  noted(): PolicyRefusal[] {
    return this.#tally.noted();
  }

  /** An event as it may be told. Throws PolicyViolation after what came before the place that blocks. */
  async *told(event: StepEvent): AsyncGenerator<StepEvent> {
    switch (event.type) {
      case 'step.started':
        this.#step = event.step;
        this.#text = this.#fresh();
        this.#held = this.#holds ? '' : undefined;
        yield event;
        return;
      case 'text.delta':
        if (this.#held === undefined) yield* this.#deltas(await this.#read(event.delta));
        else this.#held += event.delta;
        return;
      case 'tool.call': {
        const { name, input } = event;
        const safe = { name: await this.#safeText(name), input: await this.#value(input, 'output') };
        yield { ...event, ...safe };
        return;
      }
      case 'tool.result': {
        const { name, output, error } = event;
        const safe = { name: await this.#safeText(name), output: await this.#value(output, 'output') };
        yield { ...event, ...safe, error: error === null ? null : await this.#safeText(error) };
        return;
      }
      case 'step.finished':
        yield* this.rest();
        yield event;
    }
  }

  /** Text that is still held back, when its step ends. Throws PolicyViolation. */
  async *rest(): AsyncGenerator<StepEvent> {
    const held = this.#held;
    this.#held = undefined;
    if (held) yield* this.#deltas(await this.#read(await this.#safeJson(held)));
    yield* this.#deltas(await this.#read('', true));
    this.#tally.add(this.#text.findings.splice(0), 'output');
  }

  /** What a tool is given. Its call was told before, so it is counted there. Throws PolicyViolation. */
  toolInput(input: unknown): Promise<unknown> {
    return this.#value(input, 'output', false);
  }

  /** What a tool's answer becomes for the model. Throws PolicyViolation. */
  async toolAnswer<T>(answer: T): Promise<T> {
    return (await this.#value(answer, 'input')) as T;
  }

  /** What the model said, when it goes back to it with the next step. */
  async again(said: unknown): Promise<unknown> {
    const { compiled } = this.#content;
    const told = await inspectValue(compiled, said, 'output');
    return (await inspectValue(compiled, told.value, 'input')).value;
  }

  /** The answer in the form that was asked for; its text was read as it came. Throws PolicyViolation. */
  whole(output: unknown): Promise<unknown> {
    return typeof output === 'string' && !this.#holds
      ? this.quoted(output)
      : this.#value(output, 'output', false);
  }

  /** A sentence that may quote what was said, such as a vendor's error. */
  async quoted(sentence: string): Promise<string> {
    return (await TURNS.run(readText(this.#content.compiled, sentence, 'output'))).text;
  }

  *#deltas(delta: string): Generator<StepEvent> {
    if (delta !== '') yield { type: 'text.delta', step: this.#step, delta };
    if (this.#text.verdict !== 'block') return;
    this.#tally.add(this.#text.findings.splice(0), 'output');
    this.#refuse();
  }

  /** JSON with its values made safe; what is no JSON is read as the text that it is. */
  async #safeJson(text: string): Promise<string> {
    let value: unknown;
    try {
      value = JSON.parse(withoutFences(text));
    } catch {
      return text.replace(ESCAPED, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
    }
    const { verdict, findings, value: safe } = await inspectValue(this.#content.compiled, value, 'output');
    if (verdict === 'pass') return text;
    this.#tally.add(findings, 'output');
    this.#refuse();
    return JSON.stringify(safe);
  }

  async #safeText(text: string): Promise<string> {
    return String(await this.#value(text, 'output'));
  }

  async #value(value: unknown, on: Direction, counts = true): Promise<unknown> {
    if (this.#content.texts.length === 0) return value;
    const inspection = await inspectValue(this.#content.compiled, value, on);
    if (counts || inspection.verdict === 'block') this.#tally.add(inspection.findings, on);
    if (inspection.verdict === 'block') this.#refuse();
    return inspection.verdict === 'pass' ? value : inspection.value;
  }

  #read(text: string, ended = false): Promise<string> {
    return TURNS.run(this.#text.read(text, ended));
  }

  #refuse(): void {
    const broken = this.#tally.blocked();
    if (broken) throw violationBy(broken);
  }

  #fresh(): StreamInspector {
    return new StreamInspector(this.#content.compiled, 'output');
  }
}
