import { notFound } from '#lib/contracts';

/** Another organization's id answers like one that does not exist (PRODUCT #7). */
export function assertOwnOrg(ownId: string, askedId: string): void {
  if (ownId !== askedId) throw notFound();
}
