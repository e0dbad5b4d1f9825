import { validationFailed } from '#lib/http';
import type { JsonMembers } from './json-members.js';
import { isObject } from './json-walk.js';

/** The model that a body names. @throws ClavigerError validation_failed */
export function modelIn(body: JsonMembers): string {
  const model = body.value('model');
  if (typeof model === 'string' && model !== '' && model.length <= 256) return model;
  throw validationFailed([
    {
      pointer: '/model',
      detail: 'Name the model as a string: an id, an alias, "@provider/model" or "@aip_…/model".',
    },
  ]);
}

/** Whether a member that must be a boolean is true. */
export function flagIn(body: JsonMembers, name: string): boolean {
  if (!body.has(name)) return false;
  const value = body.value(name);
  if (value === null || typeof value === 'boolean') return value === true;
  throw validationFailed([{ pointer: `/${name}`, detail: 'This must be true or false.' }]);
}

/**
 * Whom the client makes the call for, where its body says so in its vendor's words: OpenAI's `user` or `safety_identifier`, Anthropic's
 * `metadata.user_id`. Null where it does not, or where no receipt can hold it.
 */
export function userIn(body: JsonMembers): string | null {
  const member = ['user', 'safety_identifier', 'metadata'].find((name) => body.has(name));
  if (member === undefined) return null;
  const value = body.value(member);
  const user = isObject(value) ? value['user_id'] : value;
  return typeof user === 'string' && /^[^\p{Cc}]{1,200}$/u.test(user) ? user : null;
}

/** A whole number above zero, or null when the body does not say. */
export function countIn(body: JsonMembers, name: string): number | null {
  if (!body.has(name)) return null;
  return countOf(body.value(name), `/${name}`);
}

export function countOf(value: unknown, pointer: string): number | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  throw validationFailed([{ pointer, detail: 'This must be a whole number above 0.' }]);
}

/** The larger of what the body says twice, where a vendor has two names for it. */
export function largestOf(...counts: (number | null)[]): number | null {
  const known = counts.filter((count) => count !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** Refuses members that would lead around the meter, by name. */
export function refuse(body: JsonMembers, name: string, why: string): void {
  if (body.has(name) && body.value(name)) throw validationFailed([{ pointer: `/${name}`, detail: why }]);
}
