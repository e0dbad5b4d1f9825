import { HOLD_MAX } from '../scanner.js';
import { MONTHS } from './birth-date.js';

/** The longest finding that has spaces in it, with what is looked at behind it. */
const SPACED_MAX = 96;
const SPACE = /[ \u00a0\u2007\u2009\u202f\r\n]/;
const BREAK = /\s/;
/** A word that may be part of a finding with spaces: digits, signs alone, a group of an IBAN, a month and what is written around it. */
const PART = new RegExp(
  `\\d|^[^\\p{L}\\p{N}]+$|^[A-Za-z]{1,4}[,.]?$|^[^\\p{L}]*(?:${MONTHS})[\\p{L}]{0,8}[.,]?$`,
  'iu',
);

/** Of those, the words that one may begin with. */
const FIRST = new RegExp(
  `\\d|^[^\\p{L}\\p{N}]+$|^[A-Za-z]{1,2}$|^[^\\p{L}]*(?:${MONTHS})[\\p{L}]{0,8}[.,]?$`,
  'iu',
);

/**
 * Where in a growing text the part starts that may still become a finding: the last word, and words with digits before it. Never more
 * than `HOLD_MAX` units before the end.
 */
export function holdFrom(text: string): number {
  const least = Math.max(0, text.length - HOLD_MAX);
  const leastSpaced = Math.max(0, text.length - SPACED_MAX);
  let hold = wordStart(text, text.length, least);
  let reached = hold;
  while (reached > leastSpaced) {
    const gap = gapBefore(text, reached);
    const start = wordStart(text, reached - gap, leastSpaced);
    const word = text.slice(start, reached - gap);
    if (gap === 0 || !PART.test(word)) break;
    reached = start;
    if (FIRST.test(word)) hold = start;
  }
  return hold;
}

function wordStart(text: string, end: number, least: number): number {
  let start = end;
  while (start > least && !BREAK.test(text.charAt(start - 1))) start -= 1;
  return start;
}

/** How many spaces and line breaks (up to three) stand before `position`: a card may be written on several lines. */
function gapBefore(text: string, position: number): number {
  let gap = 0;
  while (gap < 3 && SPACE.test(text.charAt(position - gap - 1))) gap += 1;
  return gap;
}
