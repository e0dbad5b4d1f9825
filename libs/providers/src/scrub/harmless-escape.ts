const BACKSLASH = 0x5c;
const PERCENT = 0x25;
/** The longest of HTML's that the reader knows, in characters. */
const LONGEST_ENTITY = 12;

export interface HarmlessEscape {
  /** Where reading goes on; -1: something of a secret may be spelt here, or more of it has yet to come. */
  end: number;
  /** It stands for a line break. */
  isGap: boolean;
}

const MAY_SPELL: HarmlessEscape = { end: -1, isGap: false };

/** An escape that stands for nothing that a key or its base64 or hex is made of: most of what is in JSON. */
export function harmlessEscape(text: string, at: number): HarmlessEscape {
  switch (text.charCodeAt(at)) {
    case BACKSLASH:
      return backslashed(text, at);
    case PERCENT:
      return percentEncoded(text, at);
    default:
      return entity(text, at);
  }
}

function backslashed(text: string, at: number): HarmlessEscape {
  let end = at + 1;
  while (text.charCodeAt(end) === BACKSLASH) end += 1;
  switch (text[end]) {
    case undefined:
    case 'x':
    case 'X':
    case '/':
      return MAY_SPELL;
    case 'n':
    case 'r':
    case 'N':
    case 'R':
      return { end: end + 1, isGap: true };
    case 'u':
    case 'U':
      // Beyond ASCII, and far enough from its end to be sure of it.
      return /^[0-9a-f]{4}$/i.test(text.slice(end + 1, end + 5)) && !text.startsWith('00', end + 1)
        ? { end: end + 5, isGap: false }
        : MAY_SPELL;
    default:
      return { end, isGap: false };
  }
}

function percentEncoded(text: string, at: number): HarmlessEscape {
  const isCut = text.length < at + 3;
  return isCut || /^[0-9a-f]{2}$/i.test(text.slice(at + 1, at + 3))
    ? MAY_SPELL
    : { end: at + 1, isGap: false };
}

function entity(text: string, at: number): HarmlessEscape {
  const next = text.slice(at + 1, at + LONGEST_ENTITY);
  const isCut = text.length < at + LONGEST_ENTITY;
  return isCut || /^[#a-z][#0-9a-z]*;/i.test(next) ? MAY_SPELL : { end: at + 1, isGap: false };
}
