import { randomBytes } from 'node:crypto';

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

let lastMs = 0;
let sequence = 0;

/**
 * A new UUID, version 7 (RFC 9562 §5.7), in canonical text form. Within a process each is greater than the one before, also
 * within a millisecond and when the wall clock goes back (§6.2, method 1: 12 bits count, 62 stay random).
 *
 * @param nowMs Unix time in milliseconds
 */
export function newUuid(nowMs: number = Date.now()): string {
  sequence = nowMs > lastMs ? randomBytes(1).readUInt8() : sequence + 1;
  lastMs = Math.max(nowMs, lastMs) + (sequence > 0xfff ? 1 : 0);
  sequence &= 0xfff;
  const bytes = randomBytes(16);
  bytes.writeUIntBE(lastMs, 0, 6);
  bytes.writeUInt16BE(0x7000 | sequence, 6);
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return formatUuid(bytes.toString('hex'));
}

/** A new prefixed identifier, e.g. `aip_01jd…` (TypeID 0.3: prefix, `_`, UUIDv7 in Crockford base 32). */
export function newId<P extends IdPrefix>(prefix: P): TypeId<P> {
  return fromUuid(prefix, newUuid());
}

/** The identifier that names `uuid` (canonical text form) under `prefix`. */
export function fromUuid<P extends IdPrefix>(prefix: P, uuid: string): TypeId<P> {
  let value = BigInt(`0x${uuid.replaceAll('-', '')}`);
  let suffix = '';
  for (let i = 0; i < 26; i += 1) {
    suffix = ALPHABET[Number(value & 31n)]! + suffix;
    value >>= 5n;
  }
  return `${prefix}_${suffix}`;
}

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
  let value = 0n;
  for (const char of suffix) value = (value << 5n) | BigInt(ALPHABET.indexOf(char));
  return formatUuid(value.toString(16).padStart(32, '0'));
}

/** When an identifier was made, in Unix milliseconds, by the clock of whoever made it. Throws a RangeError when `id` is malformed. */
export function timeOfId(id: string): number {
  return Number.parseInt(toUuid(id).replaceAll('-', '').slice(0, 12), 16);
}

function formatUuid(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
