import { mayBeginEscape } from './escapes.js';
import type { Form } from './forms.js';

/** A form, and which of its places it is recognised at. */
export interface Beginning {
  form: Form;
  at: number;
}

const LOW_CODES = 256;
const NONE: readonly Beginning[] = [];
const ESCAPES = new Uint8Array(LOW_CODES);
for (let code = 0; code < LOW_CODES; code += 1) ESCAPES[code] = mayBeginEscape(code) ? 1 : 0;

/** Where forms begin, by the code of a character: made once for all that is read of a call, and gone with it. */
export class Beginnings {
  readonly #byCode = new Map<number, Beginning[]>();
  /** Whether a character of a low code may begin something, a form or an escape: most text is passed over by this alone. */
  readonly #flags = ESCAPES.slice();

  constructor(forms: readonly Form[]) {
    for (const form of forms) {
      this.#enter(form, 0);
      for (const at of form.entries) this.#enter(form, at);
    }
  }

  mayBegin(code: number): boolean {
    return code < LOW_CODES ? this.#flags[code] === 1 : this.#byCode.has(code);
  }

  of(code: number): readonly Beginning[] {
    return this.#byCode.get(code) ?? NONE;
  }

  /** Under every spelling, so that reading needs one look only. */
  #enter(form: Form, at: number): void {
    const beginning = { form, at };
    for (const code of form.alphabet.spellings(form.units[at] ?? 0)) {
      const known = this.#byCode.get(code);
      if (known) known.push(beginning);
      else this.#byCode.set(code, [beginning]);
      if (code < LOW_CODES) this.#flags[code] = 1;
    }
  }
}
