const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENERS = new Map([
  [0x7b, 0x7d],
  [0x5b, 0x5d],
]);
const CLOSERS = new Set(OPENERS.values());
const COMMA = 0x2c;
/** What JSON may have outside of strings: nothing that one reader takes for a comment and another for nothing. */
const PLAIN = new Set(Buffer.from(' \t\r\n,:0123456789+-.eEtrufalsn'));
const MOST_DEPTH = 512;

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
  if (!OPENERS.has(first)) return endOfWord(bytes, start);
  const open: number[] = [];
  for (let at = start; at < bytes.length;) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) {
      at = endOfString(bytes, at);
      if (at < 0) return -1;
      continue;
    }
    const closer = OPENERS.get(byte);
    if (closer !== undefined) open.push(closer);
    else if (CLOSERS.has(byte)) {
      if (open.pop() !== byte) return -1;
      if (open.length === 0) return at + 1;
    } else if (!PLAIN.has(byte)) return -1;
    if (open.length > MOST_DEPTH) return -1;
    at += 1;
  }
  return -1;
}

/** A number, `true`, `false` or `null`. */
function endOfWord(bytes: Buffer, start: number): number {
  let at = start;
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0;
    if (byte === COMMA || CLOSERS.has(byte) || isSpace(byte)) break;
    if (!PLAIN.has(byte)) return -1;
    at += 1;
  }
  return at > start ? at : -1;
}
