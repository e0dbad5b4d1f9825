import type { PiiKind } from '../rules.js';
import { isAsciiLetter, isDigit } from './units.js';

/** Takes the bounds of a candidate: positions in the text that was handed in. */
export type Tell = (start: number, end: number) => void;

/**
 * Finds the candidates of one kind that start in `[from, until)`, leftmost first and none overlapping another of the kind. Whether
 * one starts at a place may depend on `CONTEXT` units before it, and on those after it only as far as `holdFrom` keeps them back.
 */
export interface Detector {
  kind: PiiKind;
  find(text: string, from: number, until: number, tell: Tell): void;
}

/** Characters that people put between groups of digits: spaces of several widths, hyphens, dashes. */
export const SPACE = ' \\u00a0\\u2007\\u2009\\u202f';
export const DASH = '\\-\\u2010-\\u2013';

/** Answers how long the candidate at the match is, 0 when it is none. */
export type Check = (match: RegExpExecArray, text: string) => number;

/**
 * A detector of what begins with a match of `pattern` (flags `gu` or `g`; every repetition in it is bounded, so that V8's backtracking
 * is too) and passes `check`.
 */
export function patternDetector(kind: PiiKind, pattern: RegExp, check: Check): Detector {
  return {
    kind,
    find(text, from, until, tell) {
      pattern.lastIndex = from;
      for (let match = pattern.exec(text); match && match.index < until; match = pattern.exec(text)) {
        const length = check(match, text);
        if (length > 0) tell(match.index, match.index + length);
        pattern.lastIndex = match.index + Math.max(length, 1);
      }
    },
  };
}

/** The whole match, whatever it is. */
export const wholeMatch: Check = (match) => match[0].length;

/** The text before `position`, as far as a detector may look back. */
export function before(text: string, position: number, units = 48): string {
  return text.slice(Math.max(0, position - units), position);
}

/** How long the prefix of `text` is that holds `count` letters and digits, other characters not counted; 0 when it holds fewer. */
export function lengthOf(text: string, count: number): number {
  let seen = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (isDigit(code) || isAsciiLetter(code)) seen += 1;
    if (seen === count) return index + 1;
  }
  return 0;
}

/** Whether a number or word ends at `position`: no letter or digit follows, nor a separator with a digit after it. */
export function endsAt(text: string, position: number): boolean {
  NOT_AN_END.lastIndex = position;
  return !NOT_AN_END.test(text);
}

const NOT_AN_END = new RegExp(`[\\p{L}\\p{N}_]|[.${DASH}/${SPACE}]\\d`, 'uy');

/** As `endsAt`, for what is told apart by more than its length: a number may follow after a space. */
export function wordEndsAt(text: string, position: number): boolean {
  NOT_A_WORD_END.lastIndex = position;
  return !NOT_A_WORD_END.test(text);
}

const NOT_A_WORD_END = new RegExp(`[\\p{L}\\p{N}_]|[.${DASH}/]\\d`, 'uy');

/** Whether at least `count` digits stand in the `units` from `start` on: a cheap question before dear ones. */
export function hasDigits(text: string, start: number, units: number, count: number): boolean {
  const end = Math.min(text.length, start + units);
  let seen = 0;
  for (let index = start; index < end && seen < count; index += 1) {
    if (isDigit(text.charCodeAt(index))) seen += 1;
  }
  return seen >= count;
}
