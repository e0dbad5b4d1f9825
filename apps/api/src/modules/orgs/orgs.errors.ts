import { ClavigerError, notFound } from '#lib/contracts';

/** Another organization's id answers like one that does not exist (PRODUCT #7). */
export function assertOwnOrg(ownId: string, askedId: string): void {
  if (ownId !== askedId) throw notFound();
}

/** Refuses a deletion whose confirmation is not the organization's slug. */
export function assertConfirmed(slug: string, confirm: string): void {
  if (confirm === slug) return;
  const detail = `To delete this organization for good, send its slug "${slug}" as confirm. Nothing was deleted.`;
  throw new ClavigerError('validation_failed', detail, { errors: [{ pointer: '/confirm', detail }] });
}
