import { randomInt } from 'node:crypto';

const MAX = 40;
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';

/** A URL-safe spelling of a name: lower case, digits and hyphens, at most 40 characters; `fallback` when nothing remains. */
export function slugOf(name: string, fallback: string): string {
  const ascii = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const slug = ascii
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX)
    .replace(/^-+|-+$/g, '');
  return slug || fallback;
}

/** The slug to try when the plain one is taken: the same with a random tail, so that nobody can count organizations. */
export function slugWithTail(slug: string): string {
  const tail = Array.from({ length: 6 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return `${slug.slice(0, MAX - tail.length - 1)}-${tail}`;
}
