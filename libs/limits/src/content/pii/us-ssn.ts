import { DASH, SPACE, endsAt, patternDetector } from './detector.js';
import { saysSsn, saysVersion } from './words.js';

/** US social security numbers: no area 000, 666 or 9xx, no group 00, no serial 0000 (SSA). Without separators only where it is said what it is. */
export const usSsn = patternDetector(
  'us_ssn',
  new RegExp(
    `(?<![\\p{L}\\p{N}_]|[\\p{L}\\d][${DASH}./]|\\d[${SPACE}])(?!000|666|9)\\d{3}([${SPACE}${DASH}.]?)(?!00)\\d{2}\\1(?!0000)\\d{4}`,
    'gu',
  ),
  ({ 0: run, 1: separator, index }, text) => {
    if (!endsAt(text, index + run.length)) return 0;
    if (separator === '.' && saysVersion(text, index)) return 0;
    return separator !== '' || saysSsn(text, index) ? run.length : 0;
  },
);
