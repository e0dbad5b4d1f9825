import type { ValidationError } from 'class-validator';
import type { FieldFault } from '#lib/kernel';
import { segment } from './pointers.js';

export const UNKNOWN_FIELD = 'This field is not known here: remove it.';
const REQUIRED = 'This field is required.';

/** Rules about the type: where one of them fails, what the others say of the value is noise. */
const TYPE_RULES = ['isArray', 'isObject', 'nestedValidation', 'isString', 'isInt', 'isNumber', 'isBoolean'];

/** class-validator's own sentences, and ours in their place. A rule with a message of its own keeps it. */
const WORDS: [RegExp, (...found: string[]) => string][] = [
  [/must be a string$/, () => 'Give text.'],
  [/must be an integer number$/, () => 'Give a whole number.'],
  [/must be a number conforming/, () => 'Give a number.'],
  [/must be a boolean value$/, () => 'Give true or false.'],
  [/must be an array$/, () => 'Give a list.'],
  [/must be an object$/, () => 'Give an object.'],
  [/must be either object or array$/, () => 'Give an object.'],
  [
    /must be one of the following values: (.*)$/s,
    (values = '') => `Give one of ${values.split(/,\s*/).join(', ')}.`,
  ],
  [/must be longer than or equal to (\d+) and shorter than or equal to (\d+) characters$/, between],
  [/must be shorter than or equal to (\d+) characters$/, (most) => `Give at most ${most} characters.`],
  [
    /must be longer than or equal to (\d+) characters$/,
    (least) => (least === '1' ? 'Give some text: this is empty.' : `Give at least ${least} characters.`),
  ],
  [/must not be greater than (\S+)$/, (most) => `Give at most ${most}.`],
  [/must not be less than (\S+)$/, (least) => `Give at least ${least}.`],
  [/must contain no more than (\d+) elements$/, (most) => `Give at most ${most} entries.`],
  [
    /must contain at least (\d+) elements$/,
    (least) => `Give at least ${least} ${least === '1' ? 'entry' : 'entries'}.`,
  ],
  [/must be a valid ISO 8601 date string$/, () => 'Give a time like 2027-01-31T12:00:00Z.'],
];

/** What class-validator found, each with its pointer, in the house's words. A field that is missing is required, and no more is said. */
export function fieldFaults(error: ValidationError, parent = ''): FieldFault[] {
  // class-validator names no property where it met an object of a class that it has no rules for.
  if (error.constraints && 'unknownValue' in error.constraints)
    return [{ pointer: parent, detail: 'Give an object of the documented form.' }];
  const pointer = `${parent}/${segment(error.property)}`;
  return [
    ...details(error).map((detail) => ({ pointer, detail })),
    ...(error.children ?? []).flatMap((child) => fieldFaults(child, pointer)),
  ];
}

function details({ constraints = {}, value }: ValidationError): string[] {
  const rules = Object.keys(constraints);
  if (rules.length === 0) return [];
  if ('whitelistValidation' in constraints) return [UNKNOWN_FIELD];
  if (value === undefined) return [REQUIRED];
  const type = TYPE_RULES.find((rule) => rule in constraints);
  const said = (type === undefined ? rules : [type]).map((rule) => inOurWords(constraints[rule] ?? ''));
  return [...new Set(said)];
}

function inOurWords(message: string): string {
  const each = message.startsWith('each value in ');
  for (const [pattern, say] of WORDS) {
    const found = pattern.exec(message);
    if (!found) continue;
    const sentence = say(...found.slice(1));
    return each ? `For each entry: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}` : sentence;
  }
  return message;
}

function between(least = '', most = ''): string {
  return `Give ${least} to ${most} characters.`;
}
