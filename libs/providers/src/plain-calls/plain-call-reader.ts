import { parseCall, type PlainCall } from './parse-call.js';

/** Text that may be shown, or a call in its place with the text that it was. */
export type Piece = { text: string } | { call: PlainCall; text: string };

interface Form {
  opens: string;
  closes: string;
}
/** How models write calls as text: within a tag of their template, or within a code fence. */
const TAG: Form = { opens: '<tool_call>', closes: '</tool_call>' };
const FENCE: Form = { opens: '```', closes: '```' };
/** How a fence goes on that holds an object, and what may still become one. */
const OBJECT = /^(?:json|tool_call|tool_code)?\s*\{/;
const LANGUAGE_ONLY = /^[a-z_]*\s*$/;

/** No call is as long; what goes on for longer is text. */
const LONGEST = 64 * 1024;

/**
 * Finds calls in a model's text as it streams. Holds back what may be one, and nothing else: prose and code pass as they come, but for
 * an end that may be the beginning of a tag or a fence. A text that is an object from its first character may be a bare call.
 */
export class PlainCallReader {
  #held = '';
  /** What the held text is in: nothing, what may be a call, or a fence with something else. */
  #in: 'text' | Form | 'bare' | 'code' = 'text';
  #atStart = true;

  /** `fenced`: whether fences and bare objects count. Not where the answer itself is asked for as JSON. */
  constructor(
    private readonly known: ReadonlySet<string>,
    private readonly fenced: boolean,
  ) {}

  push(delta: string): Piece[] {
    this.#held += delta;
    const pieces: Piece[] = [];
    for (;;) {
      const [length, form] = [this.#held.length, this.#in];
      pieces.push(...this.#step());
      if (this.#held.length === length && this.#in === form) return pieces;
    }
  }

  /** What is left at the end of a text. */
  end(): Piece[] {
    const [text, form] = [this.#held, this.#in];
    [this.#held, this.#in, this.#atStart] = ['', 'text', true];
    if (text === '') return [];
    if (form === 'bare') return [this.#piece(text, text)];
    // A tag that was never closed: models stop where their template would.
    return [
      this.#piece(text, typeof form === 'object' ? insideOf(text.slice(form.opens.length)) : undefined),
    ];
  }

  #step(): Piece[] {
    if (this.#held === '') return [];
    if (this.#in === 'text') return this.#text();
    if (this.#in === 'code') return this.#code();
    if (this.#held.length > LONGEST) {
      this.#in = 'text';
      return this.#show(this.#held.length);
    }
    return this.#in === 'bare' ? [] : this.#call(this.#in);
  }

  #text(): Piece[] {
    if (this.#atStart) {
      const first = this.#held.trimStart()[0];
      if (first === undefined) return [];
      this.#atStart = false;
      if (first === '{' && this.fenced) this.#in = 'bare';
      if (this.#in === 'bare') return [];
    }
    const forms = this.fenced ? [TAG, FENCE] : [TAG];
    const [found] = forms
      .map((form) => ({ form, at: this.#held.indexOf(form.opens) }))
      .filter(({ at }) => at >= 0)
      .sort((one, other) => one.at - other.at);
    const shown = this.#show(found ? found.at : this.#held.length - heldEnd(this.#held, forms));
    if (!found) return shown;
    this.#in = found.form;
    return [...shown, ...this.#call(found.form)];
  }

  #call(form: Form): Piece[] {
    const inside = this.#held.slice(form.opens.length);
    if (form === FENCE && !OBJECT.test(inside)) {
      if (LANGUAGE_ONLY.test(inside)) return [];
      this.#in = 'code';
      return this.#show(form.opens.length);
    }
    const at = inside.indexOf(form.closes);
    if (at < 0) return [];
    const text = this.#held.slice(0, form.opens.length + at + form.closes.length);
    this.#held = this.#held.slice(text.length);
    this.#in = 'text';
    return [this.#piece(text, insideOf(inside.slice(0, at)))];
  }

  #code(): Piece[] {
    const at = this.#held.indexOf(FENCE.closes);
    if (at < 0) return this.#show(this.#held.length - heldEnd(this.#held, [FENCE]));
    this.#in = 'text';
    return this.#show(at + FENCE.closes.length);
  }

  #show(length: number): Piece[] {
    if (length <= 0) return [];
    const text = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    return [{ text }];
  }

  #piece(text: string, inner: string | undefined): Piece {
    const call = inner === undefined ? undefined : parseCall(inner, this.known);
    return call ? { call, text } : { text };
  }
}

/** What a fence or tag holds, without the language that a fence names. */
function insideOf(text: string): string {
  return text.replace(/^\s*(?:json|tool_call|tool_code)\s*(?=\{)/, '').trim();
}

/** How much of the end of a text may be the beginning of a form. */
function heldEnd(text: string, forms: readonly Form[]): number {
  const most = Math.max(...forms.map(({ opens }) => opens.length)) - 1;
  for (let length = Math.min(most, text.length); length > 0; length -= 1)
    if (forms.some(({ opens }) => opens.startsWith(text.slice(-length)))) return length;
  return 0;
}
