import {
  argon2,
  createHash,
  createHmac,
  hash,
  randomBytes,
  randomFillSync,
  scryptSync,
  timingSafeEqual,
} from 'node:crypto';
import { promisify } from 'node:util';

const argon2Async = promisify(argon2);

/** Parameters of OWASP's password storage cheat sheet for argon2id: 19 MiB, 2 passes, 1 lane. */
const ARGON2 = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const;

export function sha256(...parts: (string | Uint8Array)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Of one text, in one step: a quarter of what `sha256` costs. */
export function sha256OfText(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}

/** Of what is too long to hold, e.g. a file's stream. */
export async function sha256OfStream(chunks: AsyncIterable<string | Uint8Array>): Promise<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest();
}

export function hmacSha256(key: Uint8Array, ...parts: (string | Uint8Array)[]): Buffer {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** Compares in constant time; buffers of different length are unequal. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Hashes a password with argon2id (RFC 9106). Answers a PHC string. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16);
  const tag = await argon2Async('argon2id', { message: normalised(password), nonce, ...ARGON2 });
  const parameters = `m=${ARGON2.memory},t=${ARGON2.passes},p=${ARGON2.parallelism}`;
  return `$argon2id$v=19$${parameters}$${unpadded(nonce)}$${unpadded(tag)}`;
}

/** Whether `password` matches a PHC string made by `hashPassword`. A malformed string matches nothing. */
export async function verifyPassword(password: string, phc: string): Promise<boolean> {
  const parsed = parsePhc(phc);
  if (!parsed) return false;
  const { expected, ...parameters } = parsed;
  const tag = await argon2Async('argon2id', { message: normalised(password), ...parameters });
  return equalBytes(tag, expected);
}

/** Undefined too where the numbers are outside of what argon2 takes, or would cost absurdly much. */
function parsePhc(phc: string) {
  const match = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([^$]+)\$([^$]+)$/.exec(phc);
  if (!match) return undefined;
  const [memory, passes, parallelism] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const [nonce, expected] = [Buffer.from(match[4]!, 'base64'), Buffer.from(match[5]!, 'base64')];
  const usable = passes >= 1 && parallelism >= 1 && memory >= 8 * parallelism && memory <= 2 ** 20;
  if (!usable || nonce.length < 8 || expected.length < 16) return undefined;
  return { memory, passes, parallelism, nonce, expected, tagLength: expected.length };
}

/** One form of each character (NIST SP 800-63B §5.1.1.2): keyboards and systems differ in how they compose. */
function normalised(password: string): string {
  return password.normalize('NFKC');
}

/** The password of a process's database role, derived from the owner's so that it need not be stored (scrypt). */
export function deriveRolePassword(ownerPassword: string, role: string): string {
  return scryptSync(ownerPassword, `claviger/role/${role}`, 32).toString('base64url');
}

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '');
}

/** Random bytes are drawn for many at once: a draw costs as much as all else about a few. */
const pool = Buffer.alloc(4_096);
let drawn = pool.length;

/** Random bytes in hexadecimal, for marks that nobody can guess. At most 64 bytes. */
export function randomHex(bytes: number): string {
  if (bytes > 64) throw new RangeError('more random bytes than a mark needs');
  if (drawn + bytes > pool.length) {
    randomFillSync(pool);
    drawn = 0;
  }
  const at = drawn;
  drawn += bytes;
  const hex = pool.toString('hex', at, drawn);
  pool.fill(0, at, drawn);
  return hex;
}
