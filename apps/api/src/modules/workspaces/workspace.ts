import { assertWorkspace, type Principal } from '#lib/access';
import { notFound, type Permission } from '#lib/contracts';
import { isId } from '#lib/kernel';

export interface Workspace {
  id: string;
  orgId: string;
  name: string;
  slug: string;
  isDefault: boolean;
  defaultProvider: string | null;
  revision: number;
  createdAt: Date;
  updatedAt: Date;
}

/** Which workspaces a principal may know of: every one, or those of this list. */
export type Visible = 'all' | string[];

/**
 * OWNER and ADMIN see every workspace, a MEMBER those that they joined; a token bound to a workspace sees that one alone, even
 * when an OWNER made it (PRODUCT #2, #6).
 */
export function visibleTo(principal: Principal): Visible {
  const joined: Visible = principal.role === 'MEMBER' ? [...principal.grants.keys()] : 'all';
  if (!principal.workspaceId) return joined;
  return joined === 'all' || joined.includes(principal.workspaceId) ? [principal.workspaceId] : [];
}

/**
 * Guards one workspace before its rows are read: not_found for a malformed id and for what the principal may not see, forbidden
 * for what it sees and may not do. A MEMBER's grants are off by default (PRODUCT #3).
 */
export function assertMay(principal: Principal, id: string, permission: Permission): void {
  if (!isId('ws', id)) throw notFound();
  assertWorkspace(principal, id, permission);
}

const MAX_SLUG = 60;

/** A slug made of a name: lower-case ASCII words joined by dashes; `workspace` when nothing is left of it. */
export function slugOf(name: string): string {
  const words = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_SLUG)
    .replace(/^-+|-+$/g, '');
  return words || 'workspace';
}

/** `slug`, or the first of `slug-2`, `slug-3`, … that is not taken. */
export function freeSlug(slug: string, taken: ReadonlySet<string>): string {
  if (!taken.has(slug)) return slug;
  let n = 2;
  while (taken.has(`${slug}-${n}`)) n += 1;
  return `${slug}-${n}`;
}
