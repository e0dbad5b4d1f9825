import { mod97 } from './checksums.js';
import { DASH, SPACE, lengthOf, patternDetector, wordEndsAt } from './detector.js';

/** Lengths by country: SWIFT's IBAN registry. */
const LENGTHS = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 ' +
    'FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 ' +
    'MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 ' +
    'SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** International bank account numbers (ISO 13616), in groups or not: the country's length and the check digits. */
export const iban = patternDetector(
  'iban',
  new RegExp(
    `(?<![\\p{L}\\p{N}_])[A-Za-z]{2}[${SPACE}${DASH}]?\\d{2}(?:[${SPACE}${DASH}]?[A-Za-z0-9]){11,29}`,
    'gu',
  ),
  ({ 0: run, index }, text) => {
    const count = LENGTHS.get(run.slice(0, 2).toUpperCase());
    const length = count ? lengthOf(run, count) : 0;
    if (length === 0 || !wordEndsAt(text, index + length)) return 0;
    const bare = run.slice(0, length).replace(/[^A-Za-z0-9]/g, '');
    return mod97(bare.slice(4) + bare.slice(0, 4)) === 1 ? length : 0;
  },
);
