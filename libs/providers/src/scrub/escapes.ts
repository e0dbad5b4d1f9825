/** A character written otherwise than as itself: which one, and where its spelling ends. */
export interface Escape {
  code: number;
  end: number;
}

const BACKSLASH = 0x5c;
const PERCENT = 0x25;
const AMPERSAND = 0x26;

/** Escapes may themselves have been escaped: JSON in JSON, a URL in a URL. Deeper than this nobody nests by accident. */
const MOST_BACKSLASHES = 16;
const MOST_LEVELS = 3;

const CODED = /(?:u([0-9a-f]{4})|u\{0{0,4}([0-9a-f]{1,4})\}|x([0-9a-f]{2})|([nrt"'/]))/iy;
const HEX_PAIR = /[0-9a-f]{2}/iy;
const TWO_BYTES = /%(c[2-9a-f]|d[0-9a-f])%([89ab][0-9a-f])/iy;
const ENTITY = /(?:#0{0,4}(\d{1,5})|#x0{0,4}([0-9a-f]{1,4})|([a-z]{2,6}));/iy;

const SHORT: Record<string, number> = { n: 10, r: 13, t: 9 };
const NAMED: Record<string, string> = {
  quot: '"',
  amp: '&',
  lt: '<',
  gt: '>',
  apos: "'",
  sol: '/',
  bsol: '\\',
  plus: '+',
  equals: '=',
  lowbar: '_',
  percnt: '%',
};

/** Whether an escape may begin with this character. */
export function mayBeginEscape(code: number): boolean {
  return code === BACKSLASH || code === PERCENT || code === AMPERSAND;
}

/** Every way to read an escape at `at`: of JSON and JavaScript, of URLs, of HTML, each at several depths. */
export function escapesAt(text: string, at: number): Escape[] {
  switch (text.charCodeAt(at)) {
    case BACKSLASH:
      return backslashed(text, at);
    case PERCENT:
      return percentEncoded(text, at);
    default:
      return entities(text, at);
  }
}

const UNFINISHED = [
  /\\{1,16}(?:u(?:[0-9a-f]{0,3}|\{[0-9a-f]{0,8})|x[0-9a-f]?)?$/iy,
  /%(?:25){0,3}(?:[0-9a-f]|[cd][0-9a-f](?:%[89ab]?)?)?$/iy,
  /&(?:amp;){0,3}(?:#x?[0-9a-f]{0,8}|[a-z]{0,6})$/iy,
];

/** Whether what is left of the text from `at` on may be the beginning of a longer escape. */
export function isUnfinished(text: string, at: number): boolean {
  // No spelling is longer: a look at the end of a long text costs nothing.
  if (text.length - at > MOST_BACKSLASHES + 12) return false;
  return UNFINISHED.some((pattern) => matchAt(pattern, text, at) !== null);
}

function backslashed(text: string, at: number): Escape[] {
  let run = 1;
  while (run < MOST_BACKSLASHES && text.charCodeAt(at + run) === BACKSLASH) run += 1;
  const found: Escape[] = [];
  for (let doubled = 2; doubled <= run; doubled *= 2) found.push({ code: BACKSLASH, end: at + doubled });
  const match = matchAt(CODED, text, at + run);
  if (!match) return found;
  const [all, four, braced, two, short = ''] = match;
  const hex = four ?? braced ?? two;
  const code = hex === undefined ? (SHORT[short] ?? short.charCodeAt(0)) : Number.parseInt(hex, 16);
  return [...found, { code, end: at + run + all.length }];
}

function percentEncoded(text: string, at: number): Escape[] {
  const found: Escape[] = [];
  for (let from = at + 1, level = 0; level <= MOST_LEVELS; from += 2, level += 1) {
    const pair = matchAt(HEX_PAIR, text, from)?.[0];
    if (pair === undefined) break;
    found.push({ code: Number.parseInt(pair, 16), end: from + 2 });
    if (pair !== '25') break;
  }
  const [all, first = '', second = ''] = matchAt(TWO_BYTES, text, at) ?? [''];
  if (all === '') return found;
  const code = ((Number.parseInt(first, 16) & 0x1f) << 6) | (Number.parseInt(second, 16) & 0x3f);
  return [...found, { code, end: at + all.length }];
}

function entities(text: string, at: number): Escape[] {
  const found: Escape[] = [];
  for (let from = at + 1, level = 0; level <= MOST_LEVELS; from += 4, level += 1) {
    const match = matchAt(ENTITY, text, from);
    if (!match) break;
    const [all, decimal, hex, name = ''] = match;
    const code = decimal
      ? Number(decimal)
      : hex
        ? Number.parseInt(hex, 16)
        : NAMED[name.toLowerCase()]?.charCodeAt(0);
    if (code !== undefined) found.push({ code, end: from + all.length });
    if (name.toLowerCase() !== 'amp') break;
  }
  return found;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
