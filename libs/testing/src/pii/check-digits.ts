// Values with the check digits that their public specifications ask for, built from the other end than a detector: by making them.
import type { SeededRandom } from './random.js';

const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** Appends the digit that makes a number pass Luhn's test. */
export function withLuhn(body: string): string {
  for (let digit = 0; digit < 10; digit += 1) {
    const reversed = [...`${body}${digit}`].reverse().map(Number);
    const total = reversed.reduce((sum, value, index) => {
      if (index % 2 === 0) return sum + value;
      return sum + Math.floor((value * 2) / 10) + ((value * 2) % 10);
    }, 0);
    if (total % 10 === 0) return `${body}${digit}`;
  }
  throw new Error('unreachable: one of ten digits fits');
}

/** An IBAN of `country` over an account part, with the check digits of ISO 13616 (98 less the remainder). */
export function makeIban(country: string, account: string): string {
  const numeral = [...`${account}${country}00`]
    .map((one) => (one >= 'A' ? String(one.charCodeAt(0) - 55) : one))
    .join('');
  return `${country}${String(98n - (BigInt(numeral) % 97n)).padStart(2, '0')}${account}`;
}

/** The account parts of some countries: `n` digits, `a` capital letters, `c` either (SWIFT's registry). */
const ACCOUNTS: [country: string, form: string][] = [
  ['DE', 'n18'],
  ['FR', 'n10 c11 n2'],
  ['GB', 'a4 n14'],
  ['ES', 'n20'],
  ['IT', 'a1 n10 c12'],
  ['NL', 'a4 n10'],
  ['BE', 'n12'],
  ['AT', 'n16'],
  ['CH', 'n5 c12'],
  ['PL', 'n24'],
  ['SE', 'n20'],
  ['NO', 'n11'],
  ['DK', 'n14'],
  ['FI', 'n14'],
  ['IE', 'a4 n14'],
  ['PT', 'n21'],
  ['LU', 'n3 c13'],
  ['SA', 'n2 c18'],
  ['BR', 'n23 a1 c1'],
  ['MT', 'a4 n5 c18'],
];

export function anyIban(random: SeededRandom): string {
  const [country, form] = ACCOUNTS[random.int(0, ACCOUNTS.length - 1)] ?? ['DE', 'n18'];
  const account = form.split(' ').map((part) => {
    const count = Number(part.slice(1));
    if (part.startsWith('n')) return random.digits(count);
    return random.from(part.startsWith('a') ? LETTERS_AND_DIGITS.slice(0, 26) : LETTERS_AND_DIGITS, count);
  });
  return makeIban(country, account.join(''));
}

/** Brazil: two check digits over falling weights. */
export function anyCpf(random: SeededRandom): string {
  let body = `${random.int(1, 8)}${random.digits(7)}9`;
  for (let round = 0; round < 2; round += 1) {
    const sum = [...body].reduce(
      (total, digit, index) => total + Number(digit) * (body.length + 1 - index),
      0,
    );
    const rest = 11 - (sum % 11);
    body += rest > 9 ? '0' : String(rest);
  }
  return `${body.slice(0, 3)}.${body.slice(3, 6)}.${body.slice(6, 9)}-${body.slice(9)}`;
}

/** Germany: ten digits of which one comes twice and one is missing, then the check digit of ISO 7064 MOD 11,10. */
export function anySteuerId(random: SeededRandom): string {
  const pool = [...'0123456789'];
  for (let index = pool.length - 1; index > 0; index -= 1) {
    const other = random.int(0, index);
    [pool[index], pool[other]] = [pool[other] ?? '', pool[index] ?? ''];
  }
  const body = [...pool.slice(0, 9), pool[random.int(0, 8)] ?? ''];
  if (body[0] === '0') [body[0], body[1]] = [body[1] ?? '1', '0'];
  if (body[0] === '0') return anySteuerId(random);
  let product = 10;
  for (const digit of body) {
    let sum = (Number(digit) + product) % 10;
    if (sum === 0) sum = 10;
    product = (2 * sum) % 11;
  }
  const check = 11 - product;
  return `${body.join('')}${check === 10 ? 0 : check}`;
}

/** Spain: the number and its letter. */
export function anyDni(random: SeededRandom): string {
  const number = random.digits(8);
  return `${number}${'TRWAGMYFPDXBNJZSQVHLCKE'.charAt(Number(number) % 23)}`;
}

/** The Netherlands: nine digits whose weighted sum is a multiple of eleven. */
export function anyBsn(random: SeededRandom): string {
  for (;;) {
    const bsn = `${random.int(1, 9)}${random.digits(8)}`;
    const sum = [...bsn].reduce(
      (total, digit, index) => total + Number(digit) * (index === 8 ? -1 : 9 - index),
      0,
    );
    if (sum % 11 === 0) return bsn;
  }
}

/** India: eleven digits and Verhoeff's, computed in the dihedral group of order ten rather than by its tables. */
export function anyAadhaar(random: SeededRandom): string {
  const body = `${random.int(2, 9)}${random.digits(10)}`;
  for (let digit = 0; digit < 10; digit += 1)
    if (verhoeffOf(`${body}${digit}`) === 0) return `${body}${digit}`;
  throw new Error('unreachable: one of ten digits fits');
}

function verhoeffOf(number: string): number {
  const shuffle = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
  let check = 0;
  [...number].reverse().forEach((character, place) => {
    let digit = Number(character);
    for (let times = 0; times < place % 8; times += 1) digit = shuffle[digit] ?? 0;
    check = multiply(check, digit);
  });
  return check;
}

/** Multiplication in D5: rotations are 0 to 4, reflections 5 to 9. */
function multiply(a: number, b: number): number {
  if (a < 5) return b < 5 ? (a + b) % 5 : ((a + b - 5) % 5) + 5;
  return b < 5 ? ((a - 5 - b + 5) % 5) + 5 : (a - b + 5) % 5;
}
