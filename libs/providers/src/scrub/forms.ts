/** Which characters mean the same. */
export interface Alphabet {
  /** The one of them that stands for all. */
  fold(code: number): number;
  /** All that `unit` stands for, itself included. */
  spellings(unit: number): readonly number[];
}

/** A spelling of a secret: what must follow what, and how much of it in a row is too much to show. */
export interface Form {
  /** Codes of its characters, folded. */
  readonly units: Uint16Array;
  /** So many characters from the beginning on are a find; at most all of them. */
  readonly fromStart: number;
  /** So many from one of `entries` on are a find. */
  readonly fromWithin: number;
  /** Places inside where a cut-off echo may be recognised. */
  readonly entries: readonly number[];
  readonly alphabet: Alphabet;
  /** Whether this character may stand between two others without meaning anything: line breaks in base64. */
  isGap(code: number): boolean;
}

/** Shorter values are no secrets, and replacing them would mangle ordinary text. */
const SHORTEST = 6;

/** How many characters of a secret in a row never pass; a vendor's mask ("sk-abc…wxyz") shows fewer. */
const LONGEST_SHOWN = 16;

/**
 * A cut-off echo is looked for at every eighth character, which is eight times cheaper than at each. Sixteen in a row hold
 * such a place with at least nine behind it, so none is missed.
 */
const STRIDE = 8;

/** A spelling before it is made to be found. */
export interface Spelling {
  text: string;
  /** How many characters make the whole secret, when not all of `text`. */
  certain: number;
  /** So many in a row never pass. */
  atMost: number;
  alphabet: Alphabet;
  isGap: Form['isGap'];
}

/** The spellings of one secret: as it is (escapes are undone by the reader), in hex, and in base64 at each alignment. */
export function spellingsOf(secret: string): Spelling[] {
  if (secret.length < SHORTEST) return [];
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  return [
    { text: secret, certain: secret.length, atMost: LONGEST_SHOWN, alphabet: ANY_CASE, isGap: never },
    { text: hex, certain: hex.length, atMost: 2 * LONGEST_SHOWN, alphabet: ANY_CASE, isGap: inHex },
    ...base64Spellings(bytes),
  ];
}

/** The base64 of the secret alone, and what stays the same of it inside a longer text (`user:key`, `Bearer key`). */
function base64Spellings(secret: Buffer): Spelling[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = before === 0 ? secret : Buffer.concat([Buffer.alloc(before), secret]);
    const skip = Math.ceil((before * 8) / 6);
    const certain = Math.floor((bytes.length * 8) / 6) - skip;
    if (certain < SHORTEST) return [];
    // Behind the last certain character the secret's end and its padding belong to it when they are there.
    const text = bytes.toString('base64').slice(skip, before === 0 ? undefined : skip + certain);
    return [{ text, certain, atMost: LONGEST_IN_BASE64, alphabet: EITHER_BASE64, isGap: isLineBreak }];
  });
}

/** Of sixteen bytes somewhere in a longer text, twenty characters are certain. */
const LONGEST_IN_BASE64 = 20;

/** The places where a spelling is looked for, and how many of its characters from there on are a find. */
export function entriesOf({ certain, atMost }: Spelling): { at: number; length: number }[] {
  const within = atMost - STRIDE + 1;
  const entries = [{ at: 0, length: Math.min(certain, atMost) }];
  if (certain > atMost)
    for (let at = STRIDE; at + within <= certain; at += STRIDE) entries.push({ at, length: within });
  return entries;
}

export function formOf(spelling: Spelling): Form {
  const { text, atMost, certain, alphabet, isGap } = spelling;
  const units = new Uint16Array(text.length);
  for (let at = 0; at < text.length; at += 1) units[at] = alphabet.fold(text.charCodeAt(at));
  const [, ...entries] = entriesOf(spelling).map(({ at }) => at);
  const fromWithin = atMost - STRIDE + 1;
  return { units, fromStart: Math.min(certain, atMost), fromWithin, entries, alphabet, isGap };
}

/** Host names and some headers come back in lower case. */
const ANY_CASE: Alphabet = {
  fold: (code) => (code >= 0x41 && code <= 0x5a ? code + 0x20 : code),
  spellings: (unit) => (unit >= 0x61 && unit <= 0x7a ? [unit, unit - 0x20] : [unit]),
};

/** base64url writes `-` for `+` and `_` for `/`. */
const EITHER_BASE64: Alphabet = {
  fold: (code) => (code === 0x2d ? 0x2b : code === 0x5f ? 0x2f : code),
  spellings: (unit) => (unit === 0x2b ? [unit, 0x2d] : unit === 0x2f ? [unit, 0x5f] : [unit]),
};

function never(): boolean {
  return false;
}

function isLineBreak(code: number): boolean {
  return code === 10 || code === 13;
}

/** As dumps and fingerprints write bytes: `73 6b`, `73:6b`. */
function inHex(code: number): boolean {
  return isLineBreak(code) || code === 0x20 || code === 0x3a;
}
