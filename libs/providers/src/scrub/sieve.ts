import { entriesOf, spellingsOf } from './forms.js';
import { harmlessEscape } from './harmless-escape.js';

/** So many units of a spelling, from one of its entries on, are in every find. */
const UNITS = 8;
/** A piece that ends with so many of them may go on to a find. */
const FEW = 3;

const GAP = 0;
const ESCAPE = 1;
const BREAK = 2;
/** What a character counts as: letters in one case, base64's two alphabets as one, line breaks and separators of dumps as nothing. */
const COUNTS_AS = Uint8Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code);
  if (/[\r\n :]/.test(char)) return GAP;
  if (/[\\%&]/.test(char)) return ESCAPE;
  if (!/[0-9A-Za-z+/=_.~-]/.test(char)) return BREAK;
  return (char === '-' ? '+' : char === '_' ? '/' : char.toLowerCase()).charCodeAt(0);
});
/** Of longer ones, or of other characters, the finder alone knows all spellings. */
const TELLABLE = /^[0-9A-Za-z+/=_.~:-]{16,512}$/;

/** The units of one entry, four to a number. */
interface Gram {
  high: number;
  low: number;
}

/** What is known of a stream by its last eight units. */
export class SievedStream {
  #high = 0;
  #low = 0;

  constructor(private readonly sieve: Sieve) {}

  /** Whether the stream may spell something of a secret, given all that passed before. From then on it is for the finder to say. */
  mayHold(text: string): boolean {
    const { sieve } = this;
    const { slots } = sieve;
    const { length } = text;
    let high = this.#high;
    let low = this.#low;
    for (let at = 0; at < length; at += 1) {
      const code = text.charCodeAt(at);
      let unit = code < 128 ? COUNTS_AS[code]! : BREAK;
      if (unit <= ESCAPE) {
        if (unit === GAP) continue;
        const { end, isGap } = harmlessEscape(text, at);
        // A line break in JSON is nothing; or its letter begins what is spelt.
        if (end < 0 || (isGap && sieve.beginsAt(text, end - 1))) return true;
        at = end - 1;
        if (isGap) continue;
        unit = BREAK;
      }
      high = (high << 8) | (low >>> 24);
      low = (low << 8) | unit;
      if (slots[Math.imul(low, SPREAD) >>> TO_SLOT] === 1 && sieve.has(high, low)) return true;
    }
    this.#high = high;
    this.#low = low;
    return sieve.mayGoOnAfter(high, low);
  }
}

/** Multiplying by it spreads what is near over all slots (Knuth, The Art of Computer Programming 3, 6.4). */
const SPREAD = 0x9e3779b1;
const SLOTS = 2_048;
const TO_SLOT = 21;

/**
 * Passes text that certainly spells nothing of a call's secrets, at a look per character. It is coarser than the finder: what it does not
 * pass may still be harmless. Made for each call, as the forms are, and gone with it.
 */
export class Sieve {
  readonly #grams: readonly Gram[];
  /** Whether a spelling's fifth to eighth units may be those that fall on a slot: most text is told by this alone. */
  readonly slots = new Uint8Array(SLOTS);
  /** Of their first three units. */
  readonly #beginnings = new Uint8Array(256);

  private constructor(grams: readonly Gram[]) {
    this.#grams = grams;
    for (const { high, low } of grams) {
      this.slots[Math.imul(low, SPREAD) >>> TO_SLOT] = 1;
      this.#beginnings[smallSlotOf(high >>> 8)] = 1;
    }
  }

  /** Undefined where one of the secrets is of a kind that it cannot tell. */
  static for(secrets: Iterable<string>): Sieve | undefined {
    const grams: Gram[] = [];
    for (const secret of secrets) {
      const spellings = spellingsOf(secret);
      if (spellings.length > 0 && !TELLABLE.test(secret)) return undefined;
      for (const spelling of spellings) {
        for (const { at, length } of entriesOf(spelling)) {
          const gram = gramAt(spelling.text, at, at + length);
          if (!gram) return undefined;
          grams.push(gram);
        }
      }
    }
    return new Sieve(grams);
  }

  stream(): SievedStream {
    return new SievedStream(this);
  }

  /** Whether these are the first units of a spelling. */
  has(high: number, low: number): boolean {
    return this.#grams.some((gram) => gram.high === high && gram.low === low);
  }

  /** Whether the text spells something from this place on; a text that is too short to tell may. */
  beginsAt(text: string, at: number): boolean {
    const gram = gramAt(text, at, Math.min(text.length, at + LONGEST_SPELT));
    return gram ? this.has(gram.high, gram.low) : text.length < at + LONGEST_SPELT;
  }

  /** Whether what comes next may make a spelling of the last units. */
  mayGoOnAfter(high: number, low: number): boolean {
    for (let count = FEW; count < UNITS; count += 1) {
      const bits = 8 * (count - FEW);
      const first = (bits === 0 ? low : (low >>> bits) | (high << (32 - bits))) & 0xffffff;
      if (this.#beginnings[smallSlotOf(first)] === 1 && this.#beginsWith(high, low, count)) return true;
    }
    return false;
  }

  /** Whether a spelling begins with the last `count` units. */
  #beginsWith(high: number, low: number, count: number): boolean {
    return this.#grams.some((gram) => {
      const bits = 8 * (UNITS - count);
      if (count <= 4) return same(low, gram.high >>> (bits - 32), count);
      const last = (gram.low >>> bits) | (gram.high << (32 - bits));
      return low === last && same(high, gram.high >>> bits, count - 4);
    });
  }
}

/** Eight units with the gaps between them. */
const LONGEST_SPELT = 64;

/** The first eight units from `at` on; undefined where there are fewer before `end`, or something else is between them. */
function gramAt(text: string, at: number, end: number): Gram | undefined {
  let high = 0;
  let low = 0;
  let count = 0;
  for (let place = at; place < end && count < UNITS; place += 1) {
    const code = text.charCodeAt(place);
    const unit = code < 128 ? (COUNTS_AS[code] ?? BREAK) : BREAK;
    if (unit === GAP) continue;
    high = (high << 8) | (low >>> 24);
    low = (low << 8) | unit;
    count += 1;
  }
  return count < UNITS ? undefined : { high, low };
}

function smallSlotOf(units: number): number {
  return Math.imul(units, SPREAD) >>> 24;
}

/** Whether the last `count` units, at most four, are the same. */
function same(a: number, b: number, count: number): boolean {
  return ((a ^ b) & (count === 4 ? -1 : (1 << (8 * count)) - 1)) === 0;
}
