import { randomFillSync } from 'node:crypto';

/** The prefix of every identifier that leaves a process. */
export const ID_PREFIXES = [
  'org',
  'usr',
  'ses',
  'mem',
  'inv',
  'ws',
  'aip',
  'sec',
  'tok',
  'pol',
  'run',
  'evt',
  'whk',
  'req',
  'out',
  'ntc',
  'apv',
  'vio',
  'quo',
  'prc',
  'mcp',
  'dlv',
] as const;
export type IdPrefix = (typeof ID_PREFIXES)[number];
export type TypeId<P extends IdPrefix = IdPrefix> = `${P}_${string}`;

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const SUFFIX = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/;

/** What each character of an identifier stands for, by its code; of no other is it asked. */
const DIGITS = new Uint8Array(128);
for (const [value, char] of [...ALPHABET].entries()) DIGITS[char.charCodeAt(0)] = value;

/** Random bytes are drawn for many identifiers at once: a draw costs as much as all else about one. */
const pool = Buffer.alloc(4_096);
let drawn = pool.length;

let lastMs = 0;
let sequence = 0;

/**
 * A new UUID, version 7 (RFC 9562 §5.7), in canonical text form. Within a process each is greater than the one before, also
 * within a millisecond and when the wall clock goes back (§6.2, method 1: 12 bits count, 62 stay random).
 *
 * @param nowMs Unix time in milliseconds
 */
export function newUuid(nowMs: number = Date.now()): string {
  const at = nextRandom();
  sequence = nowMs > lastMs ? pool[at + 8]! : sequence + 1;
  lastMs = Math.max(nowMs, lastMs) + (sequence > 0xfff ? 1 : 0);
  sequence &= 0xfff;
  pool[at] = (pool[at]! & 0x3f) | 0x80;
  const time = lastMs.toString(16).padStart(12, '0');
  const random = pool.toString('hex', at, at + 8);
  pool.fill(0, at, at + RANDOM_BYTES);
  return formatUuid(`${time}7${sequence.toString(16).padStart(3, '0')}${random}`);
}

/** Eight for the identifier, one for where its count begins. */
const RANDOM_BYTES = 9;

function nextRandom(): number {
  if (drawn + RANDOM_BYTES > pool.length) {
    randomFillSync(pool);
    drawn = 0;
  }
  drawn += RANDOM_BYTES;
  return drawn - RANDOM_BYTES;
}

/** A new prefixed identifier, e.g. `aip_01jd…` (TypeID 0.3: prefix, `_`, UUIDv7 in Crockford base 32). */
export function newId<P extends IdPrefix>(prefix: P): TypeId<P> {
  return fromUuid(prefix, newUuid());
}

/** The identifier that names `uuid` (canonical text form) under `prefix`. */
export function fromUuid<P extends IdPrefix>(prefix: P, uuid: string): TypeId<P> {
  if (!UUID.test(uuid)) throw new RangeError('malformed UUID');
  let suffix = '';
  // 26 characters hold two bits more than a UUID has: the first begins with them.
  let bits = 0;
  let count = 2;
  for (let at = 0; at < uuid.length; at += 1) {
    const code = uuid.charCodeAt(at);
    if (code === DASH) continue;
    bits = (bits << 4) | (code <= NINE ? code - ZERO : (code & 0xf) + 9);
    count += 4;
    if (count < 5) continue;
    count -= 5;
    suffix += ALPHABET[bits >> count];
    bits &= (1 << count) - 1;
  }
  return `${prefix}_${suffix}`;
}

const UUID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;
const [DASH, ZERO, NINE] = [0x2d, 0x30, 0x39];

/** Whether `value` is a well-formed identifier with this prefix. Says nothing about whether such a row exists. */
export function isId<P extends IdPrefix>(prefix: P, value: unknown): value is TypeId<P> {
  return (
    typeof value === 'string' && value.startsWith(`${prefix}_`) && SUFFIX.test(value.slice(prefix.length + 1))
  );
}

/** The UUID inside an identifier, in canonical text form. Throws a RangeError when `id` is malformed. */
export function toUuid(id: string): string {
  const suffix = id.slice(id.lastIndexOf('_') + 1);
  if (!SUFFIX.test(suffix)) throw new RangeError('malformed identifier');
  let hex = '';
  let bits = 0;
  let count = -2;
  for (let at = 0; at < suffix.length; at += 1) {
    bits = (bits << 5) | DIGITS[suffix.charCodeAt(at)]!;
    for (count += 5; count >= 4; bits &= (1 << count) - 1) {
      count -= 4;
      hex += HEX[bits >> count];
    }
  }
  return formatUuid(hex);
}

const HEX = '0123456789abcdef';

/** When an identifier was made, in Unix milliseconds, by the clock of whoever made it. Throws a RangeError when `id` is malformed. */
export function timeOfId(id: string): number {
  return Number.parseInt(toUuid(id).replaceAll('-', '').slice(0, 12), 16);
}

function formatUuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
