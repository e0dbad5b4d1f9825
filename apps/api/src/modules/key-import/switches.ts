import type { FieldFault } from '#lib/kernel';

/** What other systems call "this one is used", and its opposite; compared without case, `_` and `-`. */
const ON_WHEN_TRUE = ['active', 'enabled', 'isactive', 'isenabled'];
const OFF_WHEN_TRUE = [
  'disabled',
  'inactive',
  'isdisabled',
  'isinactive',
  'deleted',
  'isdeleted',
  'archived',
];
/** Members with a word, of which only some are about this. */
const WORDED = ['status', 'state'];

const YES = ['true', '1', 'yes', 'y', 'on', 't', 'enabled', 'active'];
const NO = ['false', '0', 'no', 'n', 'off', 'f', 'disabled', 'inactive'];
const OFF_WORDS = [...NO, 'paused', 'suspended', 'revoked', 'archived', 'deleted', 'blocked', 'expired'];

/** Whether a member of this name says that the record is used. One with a word is named as ignored where the word says nothing. */
export function isSwitch(name: string): boolean {
  return [...ON_WHEN_TRUE, ...OFF_WHEN_TRUE].includes(plain(name));
}

/**
 * Whether the record was used there. One word of "off" is enough, in any spelling; a word that cannot be read is a fault, since a key
 * that somebody had switched off must not come to life by being moved.
 */
export function switchesOf(layers: readonly Record<string, unknown>[]): {
  enabled: boolean;
  faults: FieldFault[];
} {
  let enabled = true;
  const faults = new Map<string, FieldFault>();
  for (const [name, value] of layers.flatMap((layer) => Object.entries(layer))) {
    if (value === undefined || value === null) continue;
    if (WORDED.includes(plain(name))) {
      if (OFF_WORDS.includes(wordOf(value))) enabled = false;
    } else if (isSwitch(name)) {
      const said = YES.includes(wordOf(value)) ? true : NO.includes(wordOf(value)) ? false : undefined;
      if (said === undefined) faults.set(name, unreadable(name));
      else if (said === OFF_WHEN_TRUE.includes(plain(name))) enabled = false;
    }
  }
  return { enabled, faults: [...faults.values()] };
}

function unreadable(name: string): FieldFault {
  return {
    pointer: `/${name}`,
    detail: 'It cannot be read whether this key was switched on or off: give true or false.',
  };
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '');
}

function wordOf(value: unknown): string {
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value).trim().toLowerCase() : '';
}
