/** How deep arrays and objects may lie in each other. What walks a body (validation, hashing) does so by recursion. */
const MAX_DEPTH = 100;

/** Code units of the characters that JSON is built of. */
export const JSON_SIGNS = {
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  backslash: 0x5c,
  openList: 0x5b,
  closeList: 0x5d,
  openObject: 0x7b,
  closeObject: 0x7d,
} as const;

export interface JsonShape {
  /** Nested deeper than we walk; what comes after that place was not looked at. */
  tooDeep: boolean;
  /** How many members its objects have, each repetition of a name counted. */
  members: number;
  /** Whether a member's name is written with an escape. */
  escapedNames: boolean;
}

/** What one pass over a JSON text shows without reading its values. Of malformed text it says nothing that means anything. */
export function shapeOf(text: string): JsonShape {
  let depth = 0;
  let members = 0;
  let escapedNames = false;
  let escape = text.indexOf('\\');
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charCodeAt(at);
    if (sign === JSON_SIGNS.quote) {
      start = at;
      at = endOfString(text, at);
    } else if (sign === JSON_SIGNS.colon) {
      // Outside of strings a colon stands in a member and nowhere else: the string before it is a name.
      members += 1;
      if (escape >= 0 && escape < start) escape = text.indexOf('\\', start);
      if (escape >= 0 && escape < at) escapedNames = true;
    } else if (sign === JSON_SIGNS.openObject || sign === JSON_SIGNS.openList) {
      depth += 1;
      if (depth > MAX_DEPTH) return { tooDeep: true, members, escapedNames };
    } else if (sign === JSON_SIGNS.closeObject || sign === JSON_SIGNS.closeList) {
      depth -= 1;
    }
  }
  return { tooDeep: false, members, escapedNames };
}

/**
 * Where the string that begins at `start` ends: its closing quote, or the end of the text. Leaps from quote to quote, as most
 * of a body lies inside of strings; each backslash is looked at once, so it stays linear.
 */
export function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end >= 0) {
    let before = end - 1;
    while (text.charCodeAt(before) === JSON_SIGNS.backslash) before -= 1;
    if ((end - before) % 2 === 1) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}
