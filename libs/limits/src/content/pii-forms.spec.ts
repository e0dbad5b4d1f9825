import { describe, expect, it } from '@jest/globals';
import { compileRules, inspectText, type PiiKind } from './index.js';

const compiled = compileRules([{ type: 'pii', on: 'both', action: 'redact' }]);
if ('faults' in compiled) throw new Error('the rule is valid');
const rules = compiled;

/**
 * Hard forms, each with the place that must be found. Written from what people and public descriptions of the formats write (test cards
 * of the networks, ISO 7812, RFC 5322, ICANN's list of top-level names, SSA, ITU-T E.123, ARCEP), not from the detectors.
 */
const FOUND: [kind: PiiKind, lead: string, value: string, trail: string][] = [
  // Top-level names that are endings of files as well.
  ['email', 'write to ', 'ion.popescu@guvern.md', ' today'],
  ['email', '', 'office@primaria.gov.md', ''],
  ['email', 'Contact: ', 'sales@archive.zip', ', thanks'],
  ['email', '<', 'j.doe@mail.example.zip', '>'],
  ['email', 'at ', 'anna@firma.name', '.'],
  ['email', '', 'user@example.photography', ' wrote'],
  ['email', '', 'user＠example.com', ''],
  // Payment cards: networks' test numbers in the signs that people put between.
  ['credit_card', 'pay with ', '4111.1111.1111.1111', ' please'],
  ['credit_card', '', '4111/1111/1111/1111', ''],
  ['credit_card', 'card ', '5555_5555_5555_4444', '.'],
  ['credit_card', '', '4111  1111  1111  1111', ' 12/28'],
  ['credit_card', '', '4111\n1111\n1111\n1111', ''],
  ['credit_card', '', '4111 1111\n1111 1111', '\nBye'],
  ['credit_card', '', '4111\r\n1111\r\n1111\r\n1111', ''],
  ['credit_card', '', '4111 - 1111 - 1111 - 1111', ''],
  ['credit_card', 'card_', '4111111111111111', ''],
  ['credit_card', 'card_number_', '5555555555554444', '.'],
  ['credit_card', 'id=card_', '378282246310005', ';'],
  ['credit_card', '', '3782.822463.10005', ''],
  ['credit_card', '', '3782  822463  10005', ' amex'],
  ['credit_card', '', '3056.930902.5904', ''],
  ['credit_card', '卡号：', '４１１１１１１１１１１１１１１１', ''],
  ['credit_card', '', '４１１１　１１１１　１１１１　１１１１', '。'],
  ['credit_card', '', '４１１１－１１１１－１１１１－１１１１', ''],
  ['credit_card', '', '𝟒𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏', ' ok'],
  ['credit_card', '😀 ', '6011\u00a01111\u00a01111\u00a01117', ''],
  // Social security numbers.
  ['us_ssn', 'SSN ', '123.45.6789', ''],
  ['us_ssn', 'his number is ', '219.09.9998', ', I think'],
  ['us_ssn', '', '１２３－４５－６７８９', ''],
  // Days of birth, on the line below the word.
  ['date_of_birth', 'Date of birth:\n', '12/03/1990', ''],
  ['date_of_birth', 'DOB\n', '1990-03-12', '\nSex: F'],
  ['date_of_birth', 'Geburtsdatum:\r\n', '12.03.1990', ''],
  ['date_of_birth', 'Née le :\n\n', '12 mars 1990', ''],
  ['date_of_birth', '| Birthday |\n| ', '12 March 1990', ' |'],
  // Phone numbers that look like rows of numbers, and full-width ones.
  ['phone', 'Tel. ', '01 02 03 04 05', ''],
  ['phone', 'appelez le ', '06 12 24 36 48', ' svp'],
  ['phone', 'bureau : ', '01 42 68 53 00', ''],
  ['phone', '', '06 98 12 44 05', ''],
  ['phone', '', '＋４４ ２０ ７９４６ ０９５８', ''],
  ['phone', '電話：', '０３－１２３４－５６７８', ''],
];

const CLEAN: string[] = [
  'scores 01 02 03 04 05',
  'lottery 06 12 24 36 48',
  'the lotto numbers were 03 17 22 31 44',
  'Ziehung: 04 11 19 27 33',
  'bingo 05 18 33 46 71 next',
  'steps 01 02 03 04 05 06 07 08',
  'levels 02 04 06 08 10',
  'open README.md and notes@2x.md',
  'logo@2x.png, bundle@1.2.3.zip',
  'lodash@4.17.21.zip',
  '@docs/readme.md',
  'build 123.45.6789',
  'version 123.45.6789 is out',
  'order 4111.1111.1111.1112',
  '2024/2025/2026/2027',
  '1990\n1991\n1992\n1993',
  '4000 5000 6000 7000 8000',
  '5100\n5200\n5300\n5401\n5500\n5600',
  'total_4111111111111112',
  'sum ４１１１１１１１１１１１１１１２',
  'He was born in Leeds.\nMeeting: 12/03/1990',
  'newborn care\nreleased 12/03/1990',
  'x² + y² = 100, 10³ m, ½ price, ① ② ③ ④',
  'ﬁle names and “quotes” … and so on',
  'pages 12/14/16/18',
];

const foundIn = (text: string): { kind: string; at: string }[] =>
  inspectText(rules, text, 'input').findings.map(({ kind, start, end }) => ({
    kind,
    at: text.slice(start, end),
  }));

describe('#48 personal data is found in the forms that are hard', () => {
  it.each(FOUND)('%s: %j%j%j', (kind, lead, value, trail) => {
    expect(foundIn(lead + value + trail)).toEqual([{ kind, at: value }]);
  });

  it('cards in a row', () => {
    const row = '4111 1111 1111 1111 5500 0000 0000 0004 4242424242424242 6011 1111 1111 1117';
    expect(inspectText(rules, row, 'input').text).toBe(
      Array.from({ length: 4 }, () => '[CREDIT_CARD]').join(' '),
    );
  });

  it('what is redacted is the whole place, whatever alphabet it is written in', () => {
    expect(inspectText(rules, '😀 card ４１１１　１１１１　１１１１　１１１１。ok', 'input').text).toBe(
      '😀 card [CREDIT_CARD]。ok',
    );
    expect(inspectText(rules, '𝐇𝐢 𝟒𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏 𝐛𝐲𝐞', 'input').text).toBe('𝐇𝐢 [CREDIT_CARD] 𝐛𝐲𝐞');
  });

  it.each(CLEAN)('nothing in %j', (text) => {
    expect(foundIn(text)).toEqual([]);
  });
});
