import { parsePhoneNumberFromString } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/min/metadata';
import { DASH, SPACE, hasDigits, type Detector } from './detector.js';
import { followsGroup, isDash, isDigit, isJoined, isSpace, mayBeLetter } from './units.js';
import { mayBeSaid, saysOtherNumber, saysPhone } from './words.js';

const SEP = `[${SPACE}${DASH}./()]`;
const GAP = `[${SPACE}]`;
const JOIN = `[${SPACE}${DASH}.]`;

/** How national numbers are written, where no country code tells them apart; `digits` bounds how many there are in all. */
interface Form {
  pattern: string;
  digits: [least: number, most: number];
  /** The characters that it may begin with. */
  first: string;
}

const FORMS: Form[] = [
  // North America: (415) 555-2671, 415-555-2671, 1.415.555.2671, 415 555 2671
  {
    pattern: `(?:1${JOIN})?(?:\\([2-9]\\d{2}\\)${JOIN}{0,2}|[2-9]\\d{2}(?:[${DASH}.]|${GAP}(?=[2-9]\\d{2}${JOIN}\\d{4})))\\d{3}${JOIN}\\d{4}`,
    digits: [10, 11],
    first: '(123456789',
  },
  // A trunk zero and groups: 089 1234-5678, 030/123456, 020 7946 0958, 01 42 68 53 00, 03-1234-5678, 0171 2345678
  {
    pattern: `0[1-9]\\d{0,4}(?:${GAP}?[${DASH}/]${GAP}?|${GAP})\\d{2,8}(?:[${SPACE}${DASH}]\\d{2,8}){0,4}|0[1-9](?:\\.\\d{2}){4}`,
    digits: [9, 12],
    first: '0',
  },
  // An area code in brackets: (089) 1234567, (020) 7946 0958, (11) 91234-5678
  { pattern: `\\(\\d{2,5}\\)${JOIN}{0,2}\\d{3,8}(?:${JOIN}\\d{2,5}){0,3}`, digits: [9, 12], first: '(' },
  // Mobile numbers with their trunk zero, undivided: Germany, France, United Kingdom, Australia and their neighbours
  { pattern: '01[567]\\d{8,9}|0[67]\\d{8,9}|04\\d{8}', digits: [10, 12], first: '0' },
  // India 98765 43210, China 138 1234 5678, Italy 333 1234567, Spain 612 34 56 78, France without its zero
  {
    pattern: `[6-9]\\d{4}[${SPACE}${DASH}]\\d{5}|1[3-9]\\d[${SPACE}${DASH}]\\d{4}[${SPACE}${DASH}]\\d{4}|3[2-9]\\d${JOIN}\\d{6,7}|[679]\\d{2}${GAP}\\d{2}${GAP}\\d{2}${GAP}\\d{2}`,
    digits: [9, 11],
    first: '136789',
  },
];

const INTERNATIONAL = new RegExp(`(?:\\(?\\+${GAP}?|00)[1-9](?:${SEP}{0,3}\\d){6,14}`, 'y');
const SAID = new RegExp(`\\(?\\d(?:${SEP}{0,2}\\d){6,13}`, 'y');
const COMPILED = FORMS.map(({ pattern, ...form }) => ({ sticky: new RegExp(pattern, 'y'), ...form }));
const PAIRS = /^\d\d(?:\D\d\d){4,}$/;
const LAST_GROUP = new RegExp(`${SEP}+\\d+$|^\\d+$`);
/** How far before a number the word may end that says what it is. */
const SAID_MAX = 18;
const [PLUS, BRACKET, HASH, COLON, DOT, ZERO, ONE] = [43, 40, 35, 58, 46, 48, 49];
const FIRST_IS_DAY = /^\d{1,2}[./ -]\d{1,2}[./ -](?:19|20)\d{2}/;
const END = new RegExp(`(?![\\p{L}\\p{N}_]|[.,${DASH}/:]\\d|[${DASH}]\\p{L})`, 'uy');
const UNIT = /\s?(?:[€$£¥₹%]|(?:EUR|USD|GBP|CHF|kg|km|cm|mm|ms|MB|GB|KB|bytes?)(?![A-Za-z]))/y;

/**
 * Phone numbers: international ones as libphonenumber knows their lengths, national ones in the forms that are usual, and any
 * number of seven to fourteen digits behind a word that says so. Three groups of three ("612 345 678") are a price as often as
 * a number, so they need the word.
 */
export const phone: Detector = {
  kind: 'phone',
  find(text, from, until, tell) {
    let word = mayBeSaid(text, from, SAID_MAX) ? from : -Infinity;
    for (let index = from; index < until; index += 1) {
      const code = text.charCodeAt(index);
      if (isDigit(code) || code === PLUS || code === BRACKET) {
        const isSaid = index - word <= SAID_MAX;
        const length = startsAt(text, index, code, isSaid) ? phoneAt(text, index, isSaid) : 0;
        if (length === 0) continue;
        tell(index, index + length);
        index += length - 1;
      } else if (mayBeLetter(code)) word = index;
    }
  },
};

/** Whether a number may start here: no word and no other number goes on, unless a word before says what it is. */
function startsAt(text: string, index: number, code: number, isSaid: boolean): boolean {
  if (!isDigit(code)) {
    const next = text.charCodeAt(index + 1);
    if (!isDigit(next) && next !== PLUS && !isSpace(next)) return false;
  } else if (!isSaid && !mayGoOn(text, index, code)) return false;
  const last = text.charCodeAt(index - 1);
  if (last === PLUS || last === HASH || (last === COLON && isDigit(text.charCodeAt(index - 2)))) return false;
  return !isJoined(text, index);
}

/** Whether the two first characters, and what stands before them, fit any form that no word introduces. */
function mayGoOn(text: string, index: number, code: number): boolean {
  const next = text.charCodeAt(index + 1);
  if (!isDigit(next) && (code !== ONE || !(isSpace(next) || isDash(next) || next === DOT))) return false;
  return !followsGroup(text, index) || isNoGroup(text, index);
}

/** Three digits and a sign that binds them: no group of a longer number, such as an IBAN or a card. */
function isNoGroup(text: string, index: number): boolean {
  const first = text.charCodeAt(index);
  const sign = text.charCodeAt(index + 3);
  return (sign === 45 || sign === 46) && first >= 50 && first <= 57;
}

function phoneAt(text: string, index: number, isSaid: boolean): number {
  if (!hasDigits(text, index, 40, 7)) return 0;
  const length = international(text, index) || (isSaid ? said(text, index) : 0) || national(text, index);
  if (length === 0) return 0;
  UNIT.lastIndex = index + length;
  return UNIT.test(text) ? 0 : length;
}

/** From the longest run of groups to shorter ones: "+49 89 123456 2" is a number and something else. */
function international(text: string, index: number): number {
  const code = text.charCodeAt(index);
  if (code !== PLUS && code !== BRACKET && (code !== ZERO || text.charCodeAt(index + 1) !== ZERO)) return 0;
  let run = matchAt(INTERNATIONAL, text, index);
  if (run?.startsWith('00') && followsGroup(text, index)) return 0;
  while (run) {
    const plus = `+${run.replace(/\(0\)/, '').replace(/\D/g, '').replace(/^00/, '')}`;
    if (endsAt(text, index + run.length) && parsePhoneNumberFromString(plus, metadata)?.isPossible())
      return run.length;
    run = run.replace(LAST_GROUP, '');
    if (run.replace(/\D/g, '').length < 7) return 0;
  }
  return 0;
}

function said(text: string, index: number): number {
  const run = matchAt(SAID, text, index);
  if (!run || !endsAt(text, index + run.length) || FIRST_IS_DAY.test(run)) return 0;
  return saysPhone(text, index) ? run.length : 0;
}

function national(text: string, index: number): number {
  const code = text.charCodeAt(index);
  if (code !== BRACKET && followsGroup(text, index) && !isNoGroup(text, index)) return 0;
  for (const { sticky, digits, first } of COMPILED) {
    if (!first.includes(text.charAt(index))) continue;
    const run = matchAt(sticky, text, index);
    if (!run || !endsAt(text, index + run.length) || FIRST_IS_DAY.test(run)) continue;
    if (isAscending(run)) continue;
    const count = run.replace(/\D/g, '').length;
    if (count < digits[0] || count > digits[1]) continue;
    return saysOtherNumber(text, index) ? 0 : run.length;
  }
  return 0;
}

/** Five pairs or more, each greater than the one before: a draw, a score, a list. Of French numbers one in a hundred is like it. */
function isAscending(run: string): boolean {
  if (!PAIRS.test(run)) return false;
  const pairs = run.split(/\D/).map(Number);
  return pairs.every((pair, index) => index === 0 || pair > (pairs[index - 1] ?? 0));
}

function matchAt(sticky: RegExp, text: string, index: number): string | undefined {
  sticky.lastIndex = index;
  return sticky.exec(text)?.[0];
}

function endsAt(text: string, position: number): boolean {
  END.lastIndex = position;
  return END.test(text);
}
