import { luhn } from './checksums.js';
import { DASH, SPACE, lengthOf, patternDetector, wordEndsAt } from './detector.js';

/** Issuer ranges (first digits, inclusive) with the lengths that they use. ISO/IEC 7812 and the networks' own pages. */
const RANGES: [from: string, to: string, lengths: number[]][] = [
  ['4', '4', [19, 16, 13]],
  ['51', '55', [16]],
  ['2221', '2720', [16]],
  ['34', '34', [15]],
  ['37', '37', [15]],
  ['6011', '6011', [19, 16]],
  ['644', '649', [19, 16]],
  ['65', '65', [19, 16]],
  ['300', '305', [16, 14]],
  ['3095', '3095', [16, 14]],
  ['36', '36', [16, 14]],
  ['38', '39', [16, 14]],
  ['3528', '3589', [19, 16]],
  ['62', '62', [19, 18, 17, 16]],
  ['81', '81', [16]],
  ['60', '60', [16]],
  ['508', '508', [16]],
  ['5018', '5018', [19, 16, 13]],
  ['5020', '5020', [19, 16, 13]],
  ['5038', '5038', [19, 16, 13]],
  ['6304', '6304', [19, 16, 13]],
  ['6759', '6763', [19, 16, 13]],
  ['2200', '2204', [19, 16]],
];

/** The first group, where no word and no longer number goes on. An underscore may stand before it: `card_4111…`. */
const START = new RegExp(
  `(?<![\\p{L}\\p{N}]|\\p{L}[${DASH}]|\\d[._]|[A-Za-z]{2}\\d{2}[${SPACE}${DASH}])[2-68]\\d{3}`,
  'gu',
);
/** Digits undivided, or with single spaces or dashes anywhere. */
const LOOSE = new RegExp(`[2-68]\\d{3}(?:[${SPACE}${DASH}]?\\d){9,15}`, 'y');
/** Groups as they stand on the card, with more signs between them, or on lines of their own. */
const SIGNS = `[${SPACE}${DASH}./_\\r\\n]{1,3}`;
const GROUPED = new RegExp(
  `\\d{4}(${SIGNS})(?:\\d{4}${SIGNS}\\d{4}${SIGNS}\\d{4}(?:${SIGNS}\\d{3})?|\\d{6}${SIGNS}\\d{4,5})(?!\\d)`,
  'y',
);

/** Payment card numbers of 13 to 19 digits, in groups or not: an issuer's range, its length, and Luhn's check digit. Its expiry date may follow. */
export const creditCard = patternDetector('credit_card', START, ({ index }, text) => {
  if (isLaterGroup(text, index)) return 0;
  const loose = matchAt(LOOSE, text, index);
  const length = loose ? cardIn(loose[0], text, index) : 0;
  if (length > 0) return length;
  const grouped = matchAt(GROUPED, text, index);
  return grouped && !isColumn(grouped, text) ? cardIn(grouped[0], text, index) : 0;
});

const GROUP_BEFORE = new RegExp(`\\d{4}[${SPACE}${DASH}]$`);
const CARD_BEFORE = new RegExp(
  `(?<!\\d)\\d{4}[${SPACE}${DASH}]?\\d{4}[${SPACE}${DASH}]?\\d{4}[${SPACE}${DASH}]?\\d{4}[${SPACE}${DASH}]$`,
);

/** Whether four digits stand before as part of a longer number, such as an IBAN; of another card they do not count. */
function isLaterGroup(text: string, index: number): boolean {
  const near = text.slice(Math.max(0, index - 21), index);
  if (!GROUP_BEFORE.test(near)) return false;
  const card = CARD_BEFORE.exec(near);
  return !card || !luhn(card[0].replace(/\D/g, ''));
}

function matchAt(sticky: RegExp, text: string, index: number): RegExpExecArray | null {
  sticky.lastIndex = index;
  return sticky.exec(text);
}

/** How long the card is that the run begins with; 0 when it begins with none. */
function cardIn(run: string, text: string, index: number): number {
  const digits = run.replace(/\D/g, '');
  for (const [from, to, lengths] of RANGES) {
    const head = digits.slice(0, from.length);
    if (head < from || head > to) continue;
    for (const count of lengths) {
      if (digits.length < count || !luhn(digits.slice(0, count))) continue;
      const length = lengthOf(run, count);
      if (wordEndsAt(text, index + length)) return length;
    }
  }
  return 0;
}

/** Four digits more, before or behind, with the same signs: a list of numbers, of which one in twenty is right by chance. */
function isColumn({ 0: run, 1: signs = '', index }: RegExpExecArray, text: string): boolean {
  const size = signs.length + 4;
  const first = text.slice(Math.max(0, index - size), index);
  const next = text.slice(index + run.length, index + run.length + size);
  return (first.endsWith(signs) && /^\d{4}/.test(first)) || (next.startsWith(signs) && /\d{4}$/.test(next));
}
