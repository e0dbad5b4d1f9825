import type { FieldFault } from '#lib/kernel';
import { segment } from './pointers.js';

/** What JSON allows and Postgres does not store: a NUL, and half of a surrogate pair. Refused here rather than failing there. */
const UNSTORABLE = /[\0\p{Cs}]/u;

/**
 * What no field of any input may hold, however deep: text that cannot be stored, and names that every object has already
 * (`constructor`, `__proto__`, `toString`, …), which would pass for known fields and be dropped without a word.
 */
export function unfitInput(value: unknown, pointer = ''): FieldFault[] {
  if (typeof value === 'string') {
    return UNSTORABLE.test(value)
      ? [{ pointer, detail: 'Text may not contain NUL or half a character.' }]
      : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => [
    ...nameFaults(name, pointer),
    ...unfitInput(item, `${pointer}/${segment(name)}`),
  ]);
}

function nameFaults(name: string, parent: string): FieldFault[] {
  if (UNSTORABLE.test(name))
    return [{ pointer: parent, detail: 'A field name may not contain NUL or half a character.' }];
  if (name in Object.prototype)
    return [{ pointer: `${parent}/${segment(name)}`, detail: 'No field may have this name: remove it.' }];
  return [];
}
