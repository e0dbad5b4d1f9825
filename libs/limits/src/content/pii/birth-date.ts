import { CONTEXT } from '../scanner.js';
import { isDay } from './checksums.js';
import type { Detector, Tell } from './detector.js';
import { letterBefore } from './units.js';
import { BETWEEN, BIRTH, BIRTH_GAP } from './words.js';

/** Month names of eight languages, by their first letters; what follows is bounded by the word. */
export const MONTHS =
  'jan|feb|fév|mar|mär|mrt|apr|abr|avr|may|mai|mag|maj|mei|mayo|jun|juin|giu|jul|juil|lug|aug|août|aoû|ago|sep|set|oct|okt|ott|out|nov|dec|dez|déc|dic|ene|gen|fev|stycz|lut|kwie|czerw|lip|sierp|wrze|paźdz|list|grud';
const MONTH = `(?:${MONTHS})[\\p{L}]{0,8}\\.?`;
const YEAR = '(?:19\\d{2}|20[0-3]\\d)';
const DATES = [
  `(${YEAR})[-./ ](\\d{1,2})[-./ ](\\d{1,2})`,
  `(\\d{1,2})[-./ ]{1,2}(\\d{1,2})[-./ ]{1,2}(?:${YEAR}|\\d{2})`,
  `\\d{1,2}(?:st|nd|rd|th|\\.|er|º)?[ -](?:(?:of|de|di) )?${MONTH},?[ -](?:(?:de|del|di) )?${YEAR}`,
  `${MONTH} \\d{1,2}(?:st|nd|rd|th)?,? ${YEAR}`,
  `${YEAR}年\\d{1,2}月\\d{1,2}日`,
];

const DATE = new RegExp(
  `(?<![\\p{N}_.]|[\\p{N}][-/])(?<![A-Za-z])(?:${DATES.join('|')})(?![\\p{N}_]|[-/.]\\d)`,
  'giu',
);

/**
 * Days where it is said that somebody was born then; the day alone is the finding. Any other day is none: so the words are looked for,
 * and days only behind them.
 */
export const birthDate: Detector = {
  kind: 'date_of_birth',
  find(text, from, until, tell) {
    BIRTH.lastIndex = Math.max(0, from - CONTEXT);
    let word = nextWord(text);
    while (word < until) {
      const ends = [BIRTH.lastIndex];
      let last = BIRTH.lastIndex + BIRTH_GAP;
      while ((word = nextWord(text)) <= last) {
        ends.push(BIRTH.lastIndex);
        last = BIRTH.lastIndex + BIRTH_GAP;
      }
      datesBehind(text, ends, from, Math.min(last + 1, until), tell);
    }
  },
};

/** Where the next word of birth starts; Infinity when none follows. */
function nextWord(text: string): number {
  let word = BIRTH.exec(text);
  while (word && letterBefore(text, word.index)) word = BIRTH.exec(text);
  return word ? word.index : Infinity;
}

/** Tells the dates behind words that end at `ends`, from `from` on and below `until`. What is behind the longest date is not looked at. */
function datesBehind(text: string, ends: number[], from: number, until: number, tell: Tell): void {
  const part = text.slice(0, until + CONTEXT);
  let word = 0;
  DATE.lastIndex = Math.max(from, ends[0] ?? 0);
  for (let date = DATE.exec(part); date && date.index < until; date = DATE.exec(part)) {
    const { 0: written, index } = date;
    while ((ends[word + 1] ?? Infinity) <= index) word += 1;
    const isBirth = plausible(date) && BETWEEN.test(text.slice(ends[word], index));
    DATE.lastIndex = index + (isBirth ? written.length : 1);
    if (isBirth) tell(index, DATE.lastIndex);
  }
}

function plausible([, y, m, d, a, b]: RegExpExecArray): boolean {
  if (y) return isDay(Number(y), Number(m), Number(d));
  if (a) return isDay(2000, Number(b), Number(a)) || isDay(2000, Number(a), Number(b));
  return true;
}
