import { mayBeginEscape } from './escapes.js';
import type { Form } from './forms.js';

/** A form, and which of its places it is recognised at. */
export interface Beginning {
  form: Form;
  at: number;
}

const LOW_CODES = 256;
const NONE: readonly Beginning[] = [];

/** Where forms begin, by the code of a character: made once for all that is read of a call, and gone with it. */
export class Beginnings {
  readonly #low: (Beginning[] | undefined)[] = Array.from({ length: LOW_CODES });
  readonly #high = new Map<number, Beginning[]>();
  /** Whether a character of a low code may begin something: a form, or an escape. */
  readonly #flags = new Uint8Array(LOW_CODES);

  constructor(forms: readonly Form[]) {
    for (let code = 0; code < LOW_CODES; code += 1) if (mayBeginEscape(code)) this.#flags[code] = 1;
    for (const form of forms) {
      this.#enter(form, 0);
      for (const at of form.entries) this.#enter(form, at);
    }
  }

  mayBegin(code: number): boolean {
    return code < LOW_CODES ? this.#flags[code] === 1 : this.#high.has(code);
  }

  of(code: number): readonly Beginning[] {
    return (code < LOW_CODES ? this.#low[code] : this.#high.get(code)) ?? NONE;
  }

  /** Under every spelling, so that reading needs one look only. */
  #enter(form: Form, at: number): void {
    for (const code of form.alphabet.spellings(form.units[at] ?? 0)) {
      const known = code < LOW_CODES ? this.#low[code] : this.#high.get(code);
      if (known) known.push({ form, at });
      else if (code < LOW_CODES) {
        this.#low[code] = [{ form, at }];
        this.#flags[code] = 1;
      } else this.#high.set(code, [{ form, at }]);
    }
  }
}
