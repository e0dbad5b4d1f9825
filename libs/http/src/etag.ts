import { ClavigerError } from '#lib/contracts';
import { sha256 } from '#lib/kernel';

/** The strong entity tag of a row's revision (RFC 9110 §8.8.3). */
export function etagOf(id: string, revision: number): string {
  return `"${id}-${revision}"`;
}

/** The strong entity tag of something without a revision of its own: another state, another tag. */
export function etagFor(id: string, state: unknown): string {
  return `"${id}-${sha256(JSON.stringify(state)).toString('base64url').slice(0, 22)}"`;
}

/** Throws `precondition_failed` when the caller's `If-Match` names neither this tag nor `*`. Without the header all is well. */
export function assertIfMatch(ifMatch: string | undefined, current: string): void {
  if (ifMatch === undefined) return;
  const tags = ifMatch.split(',').map((tag) => tag.trim());
  if (tags.includes('*') || tags.includes(current)) return;
  throw new ClavigerError(
    'precondition_failed',
    'Somebody changed this in the meantime. Read it again, and repeat your change on what it is now.',
  );
}
