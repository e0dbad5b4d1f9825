import { isDay, luhn, mod11x10, mod97, verhoeff, weighted } from './checksums.js';
import { DASH, SPACE, endsAt, hasDigits, type Detector } from './detector.js';
import { italianCode } from './italian-code.js';
import { followsGroup, isAsciiLetter, isDash, isDigit, isJoined, isSpace } from './units.js';
import { saysTaxId } from './words.js';

/** What a number looks like, and what must hold of its bare digits and letters (upper case). */
interface Shape {
  pattern: string;
  holds: (bare: string) => boolean;
  /** Told apart from other numbers by its form alone; else only where it is said what it is. */
  distinct: boolean;
  /** How many digits it may have in one piece where its first digits stand, and how many letters before them (else none). */
  runs: number[];
  letters?: number[];
}

const S = `[${SPACE}${DASH}]`;
const letter23 = (number: number): string => 'TRWAGMYFPDXBNJZSQVHLCKE'.charAt(number % 23);
const dayIn = (digits: string, centuries: number[]): boolean =>
  centuries.some((century) =>
    isDay(century + Number(digits.slice(0, 2)), Number(digits.slice(2, 4)), Number(digits.slice(4, 6))),
  );

/** Each with the authority whose rule it is. Only those with a check digit, or (the British one) a form of its own. */
const SHAPES: Shape[] = [
  // Germany, Steuer-IdNr (BZSt): grouped 2-3-3-3, or said to be one.
  { pattern: `[1-9]\\d${S}\\d{3}${S}\\d{3}${S}\\d{3}`, holds: steuerId, distinct: true, runs: [2] },
  { pattern: '[1-9]\\d{10}', holds: steuerId, distinct: false, runs: [11] },
  // United Kingdom, National Insurance number (HMRC): form and forbidden prefixes, no check digit.
  {
    pattern: `(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]${S}?\\d{2}${S}?\\d{2}${S}?\\d{2}${S}?[A-D]`,
    holds: () => true,
    distinct: true,
    runs: [2, 4, 6],
    letters: [2],
  },
  // Spain, DNI and NIE (Ministerio del Interior): the letter is the number modulo 23.
  {
    pattern: `\\d{8}${S}?[A-HJ-NP-TV-Z]|\\d{2}\\.\\d{3}\\.\\d{3}${S}?[A-HJ-NP-TV-Z]|[XYZ]${S}?\\d{7}${S}?[A-HJ-NP-TV-Z]`,
    holds: (id) => letter23(Number(id.slice(0, -1).replace(/^[XYZ]/, xyz))) === id.at(-1),
    distinct: true,
    runs: [2, 7, 8],
    letters: [0, 1],
  },
  // Netherlands, BSN: the eleven-test. One number in eleven passes it.
  {
    pattern: `\\d{4}[.]\\d{2}[.]\\d{3}|\\d{9}`,
    holds: (id) => Number(id) > 0 && weighted(id, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0,
    distinct: false,
    runs: [4, 9],
  },
  // Brazil, CPF (Receita Federal): two check digits.
  { pattern: `\\d{3}\\.\\d{3}\\.\\d{3}-\\d{2}`, holds: cpf, distinct: true, runs: [3] },
  { pattern: `\\d{11}`, holds: cpf, distinct: false, runs: [11] },
  // India, Aadhaar (UIDAI): Verhoeff.
  { pattern: `[2-9]\\d{3}${S}\\d{4}${S}\\d{4}`, holds: verhoeff, distinct: true, runs: [4] },
  { pattern: `[2-9]\\d{11}`, holds: verhoeff, distinct: false, runs: [12] },
  // France, NIR (INSEE): sex, year, month, place, order, and a key modulo 97.
  {
    pattern: `[12]${S}?\\d{2}${S}?(?:0[1-9]|1[0-2])${S}?(?:\\d{2}|2[AB])${S}?\\d{3}${S}?\\d{3}${S}?\\d{2}`,
    holds: (id) =>
      97 - mod97(id.slice(0, 13).replace('2A', '19').replace('2B', '18')) === Number(id.slice(13)),
    distinct: true,
    runs: [1, 3, 5, 6, 7, 8, 10, 13, 15],
  },
  // Italy, codice fiscale (Agenzia delle Entrate): sixteen characters, the last checks.
  {
    pattern: '[A-Z]{6}\\d{2}[A-EHLMPRST]\\d{2}[A-Z]\\d{3}[A-Z]',
    holds: italianCode,
    distinct: true,
    runs: [2],
    letters: [6],
  },
  // Switzerland, AHV (ZAS): 756 and the check digit of an EAN-13.
  {
    pattern: `756\\.\\d{4}\\.\\d{4}\\.\\d{2}|756\\d{10}`,
    holds: (id) => weighted(id, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 === 0,
    distinct: true,
    runs: [3, 13],
  },
  // Belgium, national register number: 97 less the remainder; born since 2000 with a 2 before.
  {
    pattern: `\\d{2}\\.\\d{2}\\.\\d{2}-\\d{3}\\.\\d{2}`,
    holds: (id) => ['', '2'].some((head) => 97 - mod97(head + id.slice(0, 9)) === Number(id.slice(9))),
    distinct: true,
    runs: [2],
  },
  // Sweden, personnummer (Skatteverket): a day, and Luhn.
  {
    pattern: '(?:19|20)?\\d{6}[-+]\\d{4}',
    holds: (id) => luhn(id.slice(-10)) && dayIn(id.slice(-10), [1900, 2000]),
    distinct: true,
    runs: [6, 8],
  },
  // Finland, henkilötunnus (DVV): a day, and a character modulo 31.
  {
    pattern: '\\d{6}[-+A-FU-Y]\\d{3}[0-9A-FHJ-NPR-Y]',
    holds: (id) =>
      dayIn(id.slice(4, 6) + id.slice(2, 4) + id.slice(0, 2), [1900, 2000]) &&
      '0123456789ABCDEFHJKLMNPRSTUVWXY'.charAt(Number(id.replace(/\D/g, '').slice(0, 9)) % 31) === id.at(-1),
    distinct: true,
    runs: [6],
  },
  // China, resident identity number (GB 11643): a day, and ISO 7064 MOD 11-2.
  {
    pattern: '[1-9]\\d{5}(?:19|20)\\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\\d|3[01])\\d{3}[\\dX]',
    holds: (id) =>
      '10X98765432'.charAt(weighted(id, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11) ===
      id.at(-1),
    distinct: true,
    runs: [17, 18],
  },
  // Poland, PESEL (MSWiA): one check digit.
  {
    pattern: '\\d{11}',
    holds: (id) => weighted(id, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0,
    distinct: false,
    runs: [11],
  },
  // Canada, social insurance number (ESDC): Luhn.
  { pattern: `\\d{3}${S}\\d{3}${S}\\d{3}`, holds: luhn, distinct: false, runs: [3] },
];

const COMPILED = SHAPES.map((shape) => ({ ...shape, sticky: new RegExp(shape.pattern, 'iy') }));
/** One more than the longest number in one piece, and than the most letters before it. */
const RUN_MAX = 19;
const LEAD_MAX = 7;

/** The shapes that begin with so many letters and so many digits behind them, by both. */
const BY_START = new Map<string, typeof COMPILED>();
for (const shape of COMPILED)
  for (const letters of shape.letters ?? [0])
    for (const run of shape.runs) {
      const key = `${letters} ${run}`;
      BY_START.set(key, [...(BY_START.get(key) ?? []), shape]);
    }
const STARTS = Array.from({ length: 7 }, (_, letters) =>
  Array.from({ length: RUN_MAX + 1 }, (__, run) => BY_START.get(`${letters} ${run}`)),
);

/**
 * Numbers that states give to persons. What is not distinct counts only behind a word that says what it is. Each has digits: they are
 * looked for, and the shapes tried where they start and where up to six letters before them do.
 */
export const nationalId: Detector = {
  kind: 'national_id',
  find(text, from, until, tell) {
    let free = from;
    for (let index = from; index < text.length && index < until + LEAD_MAX; index += 1) {
      if (!isDigit(text.charCodeAt(index))) continue;
      const end = runEnd(text, index);
      if (followsGroup(text, index)) {
        index = end - 1;
        continue;
      }
      const [units, letters] = leadOf(text, index);
      const run = Math.min(end - index, RUN_MAX);
      let start = index - units;
      let length =
        units > 0 && start >= free && start < until ? idAt(text, start, STARTS[letters]?.[run]) : 0;
      if (length === 0) {
        start = index;
        length = start >= free && start < until ? idAt(text, start, STARTS[0]?.[run]) : 0;
      }
      if (length > 0) {
        free = start + length;
        tell(start, free);
      }
      index = Math.max(end, free) - 1;
    }
  },
};

function runEnd(text: string, start: number): number {
  let end = start + 1;
  while (isDigit(text.charCodeAt(end))) end += 1;
  return end;
}

/** The letters before the digits at `index`, with one sign that may stand between: how many units, and how many letters; none of a long word. */
function leadOf(text: string, index: number): [units: number, letters: number] {
  const code = text.charCodeAt(index - 1);
  const sign = isSpace(code) || isDash(code) ? 1 : 0;
  let letters = 0;
  while (letters < LEAD_MAX && isAsciiLetter(text.charCodeAt(index - sign - letters - 1))) letters += 1;
  return letters === 0 || letters === LEAD_MAX ? [0, 0] : [letters + sign, letters];
}

/** How long the number is that starts at `start`; 0 when there is none of these shapes. */
function idAt(text: string, start: number, shapes: typeof COMPILED | undefined): number {
  if (!shapes || isJoined(text, start) || followsGroup(text, start)) return 0;
  // A digit alone begins a French number only, of fourteen digits at least.
  if (!hasDigits(text, start, 24, shapes === STARTS[0]?.[1] ? 14 : 6)) return 0;
  for (const { sticky, holds, distinct } of shapes) {
    sticky.lastIndex = start;
    const run = sticky.exec(text)?.[0];
    if (run === undefined || !endsAt(text, start + run.length)) continue;
    const bare = run.replace(/[^A-Za-z0-9]/g, '').toUpperCase();
    if (holds(bare) && (distinct || saysTaxId(text, start))) return run.length;
  }
  return 0;
}

function xyz(letter: string): string {
  return String('XYZ'.indexOf(letter));
}

/** Ten digits of which exactly one comes two or three times, and a check digit. */
function steuerId(id: string): boolean {
  const counts = new Map<string, number>();
  for (const digit of id.slice(0, 10)) counts.set(digit, (counts.get(digit) ?? 0) + 1);
  const repeated = [...counts.values()].filter((count) => count > 1);
  return repeated.length === 1 && (repeated[0] ?? 0) <= 3 && mod11x10(id);
}

function cpf(id: string): boolean {
  if (/^(\d)\1{10}$/.test(id)) return false;
  const check = (count: number): number => {
    const sum = weighted(
      id,
      Array.from({ length: count }, (_, index) => count + 1 - index),
    );
    return ((sum * 10) % 11) % 10;
  };
  return check(9) === Number(id.charAt(9)) && check(10) === Number(id.charAt(10));
}
