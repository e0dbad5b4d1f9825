const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPENERS = Buffer.from('{[');
const CLOSERS = Buffer.from('}]');
/** What JSON may have outside of strings: nothing that one reader takes for a comment and another for nothing. */
const PLAIN = Buffer.from(' \t\r\n,:0123456789+-.eEtrufalsn');
const MOST_DEPTH = 512;

/** What a byte is outside of strings: one look instead of several for every byte of a body. */
const NOTHING = 0;
const IS_PLAIN = 1;
const IS_QUOTE = 2;
const IS_OPENER = 3;
const IS_CLOSER = 4;
const KINDS = new Uint8Array(256).fill(NOTHING);
for (const byte of PLAIN) KINDS[byte] = IS_PLAIN;
for (const byte of OPENERS) KINDS[byte] = IS_OPENER;
for (const byte of CLOSERS) KINDS[byte] = IS_CLOSER;
KINDS[QUOTE] = IS_QUOTE;
/** `{` and `}`, `[` and `]` are two apart. */
const TO_CLOSER = 2;

export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Where the string that begins at `start` is over; -1 when it never is. */
export function endOfString(bytes: Buffer, start: number): number {
  for (let at = bytes.indexOf(QUOTE, start + 1); at !== -1; at = bytes.indexOf(QUOTE, at + 1)) {
    let slashes = 0;
    while (bytes[at - 1 - slashes] === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return at + 1;
  }
  return -1;
}

/** Where the value that begins at `start` is over; -1 when it is none. Its strings are skipped, not read. */
export function endOfValue(bytes: Buffer, start: number): number {
  const first = bytes[start];
  if (first === undefined) return -1;
  if (first === QUOTE) return endOfString(bytes, start);
  if (KINDS[first] !== IS_OPENER) return endOfWord(bytes, start);
  const open: number[] = [];
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    const kind = KINDS[byte];
    if (kind === IS_PLAIN) continue;
    if (kind === IS_QUOTE) {
      const end = endOfString(bytes, at);
      if (end < 0) return -1;
      at = end - 1;
    } else if (kind === IS_OPENER) {
      open.push(byte + TO_CLOSER);
      if (open.length > MOST_DEPTH) return -1;
    } else if (kind === IS_CLOSER) {
      if (open.pop() !== byte) return -1;
      if (open.length === 0) return at + 1;
    } else return -1;
  }
  return -1;
}

/** A number, `true`, `false` or `null`. */
function endOfWord(bytes: Buffer, start: number): number {
  let at = start;
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0;
    if (byte === COMMA || KINDS[byte] === IS_CLOSER || isSpace(byte)) break;
    if (KINDS[byte] !== IS_PLAIN) return -1;
    at += 1;
  }
  return at > start ? at : -1;
}
