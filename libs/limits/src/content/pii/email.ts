import type { Detector } from './detector.js';

// Letters of the Latin, Greek and Cyrillic alphabets. Others are left out: Chinese or Japanese text often touches an address.
const LETTERS = 'A-Za-z\\u00c0-\\u024f\\u0370-\\u052f';
const LOCAL = new RegExp(`[${LETTERS}0-9._%+'\\-]`);
const LOCAL_MAX = 64;

/** Labels and a top-level name of letters; what ends like a file (`logo@2x.png`) is none. RFC 5321, as far as it is used. */
const DOMAIN = new RegExp(
  `(?:[${LETTERS}0-9](?:[${LETTERS}0-9-]{0,61}[${LETTERS}0-9])?\\.){1,8}(?:xn--[A-Za-z0-9]{2,40}|[${LETTERS}]{2,24})(?![${LETTERS}0-9_@]|-[${LETTERS}0-9])`,
  'y',
);
const FILE_ENDING =
  /\.(?:png|jpe?g|gif|svg|webp|avif|ico|bmp|css|scss|html?|jsx?|tsx?|mjs|json|xml|ya?ml|txt|pdf|gz|exe|dll|woff2?)$/i;
/** `.md` (Moldova) and `.zip` end addresses as well; of a file only where nothing but a size or a version stands before. */
const SIZED_FILE = /^(?:\d+x|v?\d+(?:\.\d+)*)\.(?:md|zip)$/i;
/** `git@host:path` of scp and git names a place, not a person. */
const SCP_PATH = /:(?!\/\/)[A-Za-z~/.][\w~./-]{0,64}\//y;

/** Mail addresses. Looks for `@` and from there to both sides: a text without one costs nothing. */
export const email: Detector = {
  kind: 'email',
  find(text, from, until, tell) {
    let free = from;
    for (let at = text.indexOf('@', from); at >= 0; at = text.indexOf('@', at + 1)) {
      if (at - LOCAL_MAX - 1 >= until) return;
      const start = localStart(text, at);
      if (start >= until) return;
      if (start < free || start === at) continue;
      const end = domainEnd(text, at + 1);
      if (end === 0 || isScpPath(text, start, at, end)) continue;
      tell(start, end);
      free = end;
    }
  },
};

/** Where the part before the `@` at `at` starts; `at` when there is none, or one too long to be one. */
function localStart(text: string, at: number): number {
  let start = at;
  while (start > 0 && at - start <= LOCAL_MAX && LOCAL.test(text.charAt(start - 1))) start -= 1;
  if (at - start > LOCAL_MAX || text.charAt(start - 1) === '@') return at;
  while (start < at && !/[^.'%+-]/.test(text.charAt(start))) start += 1;
  return text.charAt(at - 1) === '.' ? at : start;
}

function domainEnd(text: string, from: number): number {
  DOMAIN.lastIndex = from;
  const match = DOMAIN.exec(text);
  if (!match || match[0].length > 253 || FILE_ENDING.test(match[0]) || SIZED_FILE.test(match[0])) return 0;
  return from + match[0].length;
}

function isScpPath(text: string, start: number, at: number, end: number): boolean {
  SCP_PATH.lastIndex = end;
  return text.slice(start, at) === 'git' && SCP_PATH.test(text);
}
