import { allows, type BodyField, type Kind } from './body-fields.js';

const HUGE = 'x'.repeat(60_000);
const MANY = Array.from({ length: 5_000 }, (_, index) => index);

/** One of every kind, whole and odd. */
const ANYTHING: readonly unknown[] = [
  null,
  7,
  -1,
  1.5,
  1e308,
  true,
  '',
  'text',
  '2027-W05',
  HUGE,
  [],
  [null],
  [[]],
  [{}],
  MANY,
  {},
  { a: { b: null } },
  { length: 1, 0: 'text' },
];

const RIGHT: Record<Kind, unknown> = {
  string: 'text',
  integer: 7,
  number: 1.5,
  boolean: true,
  array: [],
  object: {},
  null: null,
};

export interface Trial {
  value: unknown;
  /** Whether the document forbids it: the answer must be a 4xx with a pointer, and nothing may be written. */
  wrong: boolean;
}

/**
 * What to put into a field: something of every kind, what would be right in the shape that it is not (one for a list, a list for
 * one, a list of lists, null among entries, an object of entries), and numbers, texts and lists beyond what the document says.
 */
export function trialsOf(field: BodyField): Trial[] {
  const right = [...field.enums, ...[...field.kinds].map((kind) => RIGHT[kind])];
  const entries = [...field.enums, 'text', 'tools', 'secret'];
  const shapes = field.kinds.has('array')
    ? entries.flatMap((entry) => [entry, { 0: entry }, [entry, null], [[entry]], [[null]]])
    : right.flatMap((value) => [[value], [value, null], { 0: value }, { value }]);
  const kinds = [...ANYTHING, ...shapes].map((value) => ({ value, wrong: !allows(field, value) }));
  return [...kinds, ...beyond(field)];
}

function beyond({ schemas }: BodyField): Trial[] {
  const [only, second] = schemas;
  if (!only || second) return [];
  const { minimum, maximum, maxLength, maxItems, enum: members } = only;
  const values = [
    ...(minimum === undefined ? [] : [minimum - 1, -1e15]),
    ...(maximum === undefined ? [] : [maximum + 1, Number.MAX_SAFE_INTEGER]),
    ...(maxLength === undefined ? [] : ['x'.repeat(maxLength + 1)]),
    ...(maxItems === undefined ? [] : [Array.from({ length: maxItems + 1 }, () => 'text')]),
    ...(members === undefined ? [] : ['none of them', `${String(members[0])} `]),
  ];
  return values.map((value) => ({ value, wrong: true }));
}
