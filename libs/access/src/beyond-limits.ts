import { ClavigerError, type Permission } from '#lib/contracts';
import type { Principal } from './principal.js';

/**
 * What gives rights to somebody, or takes in the whole organization. A token that is limited could reach through these what it is
 * kept from: by a person that it invites and approves, by a role that it gives, by an export, or by the end of everything.
 */
const BEYOND_LIMITS: ReadonlySet<Permission> = new Set<Permission>([
  'invites:CreateInvite',
  'invites:UpdateInvite',
  'members:ApproveMember',
  'members:UpdateMember',
  'orgs:ExportOrg',
  'orgs:DeleteOrg',
]);

/** Refuses these to a token with a permission document, a workspace wall or an end of its own. Throws forbidden. */
export function assertWithinLimits(principal: Principal, permission: Permission): void {
  const { permissions, workspaceId, tokenExpiresAt } = principal;
  const isLimited = !!permissions || workspaceId !== undefined || !!tokenExpiresAt;
  if (!isLimited || !BEYOND_LIMITS.has(permission)) return;
  throw new ClavigerError(
    'forbidden',
    'A token with its own permission document, workspace or end cannot do this: it would reach further than the token may. Sign in and do it there, or use a token without limits.',
  );
}
