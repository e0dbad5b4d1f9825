// Questions about single UTF-16 units, for the loops that look for where a candidate may start. They run for every unit of a text,
// where a regular expression with a look behind costs many times as much.

const LETTER = /\p{L}/u;
const WORD = /[\p{L}\p{N}_]/u;

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

export function isAsciiLetter(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}

/** Letters of any alphabet, and some signs: what it denies is none. */
export function mayBeLetter(code: number): boolean {
  return isAsciiLetter(code) || (code > 160 && (code < 0x2000 || code > 0x2bff));
}

/** Whether the character that ends before `position` is a letter; false at the start. */
export function letterBefore(text: string, position: number): boolean {
  const code = text.charCodeAt(position - 1);
  if (code < 128) return isAsciiLetter(code);
  return position > 0 && LETTER.test(characterBefore(text, position));
}

/** Whether the character that ends before `position` is a letter, a digit or an underscore. */
export function wordBefore(text: string, position: number): boolean {
  const code = text.charCodeAt(position - 1);
  if (code < 128) return isDigit(code) || code === 95 || isAsciiLetter(code);
  return position > 0 && WORD.test(characterBefore(text, position));
}

function characterBefore(text: string, position: number): string {
  const isPair = (text.charCodeAt(position - 1) & 0xfc00) === 0xdc00 && position > 1;
  return text.slice(isPair ? position - 2 : position - 1, position);
}

/** A hyphen or a dash. */
export function isDash(code: number): boolean {
  return code === 45 || (code >= 0x2010 && code <= 0x2013);
}

/** A space within a line. */
export function isSpace(code: number): boolean {
  return code === 32 || code === 0xa0 || code === 0x2007 || code === 0x2009 || code === 0x202f;
}

/** Whether a number goes on here, from what stands before: within a word, or behind a sign that joins it to a letter or digit. */
export function isJoined(text: string, position: number): boolean {
  if (wordBefore(text, position)) return true;
  const code = text.charCodeAt(position - 1);
  if (!isDash(code) && code !== 46 && code !== 47) return false;
  return isDigit(text.charCodeAt(position - 2)) || letterBefore(text, position - 1);
}

/** Whether a digit and a space stand before: one more group of what may be a longer number. */
export function followsGroup(text: string, position: number): boolean {
  return isSpace(text.charCodeAt(position - 1)) && isDigit(text.charCodeAt(position - 2));
}
