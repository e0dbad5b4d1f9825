import { endOfString, JSON_SIGNS, type JsonShape } from './json-text.js';
import { segment } from './pointers.js';

/** A name that one object has twice: which of the two a reader takes, differs from reader to reader. */
export interface RepeatedMember {
  name: string;
  pointer: string;
}

/** An object or a list around the place where we read. */
interface Container {
  /** Of an object: the names that it had so far. */
  names: Set<string> | null;
  /** The member or the index that is being read. */
  step: string | number;
}

/**
 * The first name that an object of the text has twice; null when there is none. A parser keeps one of two equal names, so the
 * text has a member more than its value; only then it is read again. Names with escapes are always read again: V8 (13.6) takes
 * `{"\"":1,"\"":2}` for two different names.
 */
export function repeatedIn(
  text: string,
  { members, escapedNames }: JsonShape,
  value: unknown,
): RepeatedMember | null {
  return escapedNames || membersOf(value) !== members ? repeatedMember(text) : null;
}

/** How many members a parsed value has, however deep. Loops, as it runs over every body. */
function membersOf(value: unknown): number {
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object') members += membersOf(item);
  } else if (typeof value === 'object' && value !== null) {
    const object = value as Record<string, unknown>;
    for (const name of Object.keys(object)) {
      members += 1;
      if (typeof object[name] === 'object') members += membersOf(object[name]);
    }
  }
  return members;
}

/** Reads a well-formed JSON text name by name. */
function repeatedMember(text: string): RepeatedMember | null {
  const around: Container[] = [];
  let lastString: [start: number, end: number] = [0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const here = around.at(-1);
    switch (text.charCodeAt(at)) {
      case JSON_SIGNS.quote: {
        const end = endOfString(text, at);
        lastString = [at, end];
        at = end;
        break;
      }
      case JSON_SIGNS.colon: {
        const name = textOf(text.slice(lastString[0], lastString[1] + 1));
        if (!here?.names) break;
        here.step = name;
        if (here.names.has(name)) return { name, pointer: pointerOf(around) };
        here.names.add(name);
        break;
      }
      case JSON_SIGNS.comma:
        if (typeof here?.step === 'number') here.step += 1;
        break;
      case JSON_SIGNS.openObject:
        around.push({ names: new Set(), step: '' });
        break;
      case JSON_SIGNS.openList:
        around.push({ names: null, step: 0 });
        break;
      case JSON_SIGNS.closeObject:
      case JSON_SIGNS.closeList:
        around.pop();
        break;
    }
  }
  return null;
}

function textOf(string: string): string {
  return string.includes('\\') ? (JSON.parse(string) as string) : string.slice(1, -1);
}

function pointerOf(around: readonly Container[]): string {
  return around.map(({ step }) => `/${segment(String(step))}`).join('');
}
