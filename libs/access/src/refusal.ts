import { ClavigerError, ORG_ROLES, type Permission } from '#lib/contracts';
import type { Principal } from './principal.js';
import { kindAllows, roleAllows, WORKSPACE_RIGHTS } from './role-rights.js';

/** What a kind of token is for, as a sentence tells it. */
const KIND_USE = {
  api: 'the control plane (/api/v1)',
  engine: "the engine's internal API (/internal/v1)",
  workspace: 'the endpoints of one workspace',
} as const;

/** The 403 for a missing right: what is missing, and who can help. */
export function forbidden(permission: Permission, principal?: Principal): ClavigerError {
  return new ClavigerError(
    'forbidden',
    `${principal ? whatIsMissing(principal, permission) : needs(permission)} ${whoCan(permission)}`,
  );
}

function whatIsMissing(principal: Principal, permission: Permission): string {
  if (permission.startsWith('account:'))
    return "This is about a person's own account, which no token speaks for: sign in.";
  const { tokenKind } = principal;
  if (tokenKind && !kindAllows(tokenKind, permission)) {
    return `A token of kind "${tokenKind}" is for ${KIND_USE[tokenKind]}; this needs another kind, or a session.`;
  }
  if (tokenKind && !roleAllows(principal.role, permission))
    return `The owner of this token may not do this (any more): it needs ${permission}.`;
  if (principal.workspaceId !== undefined && !(permission in WORKSPACE_RIGHTS)) {
    return 'This token serves one workspace, and this is outside of it.';
  }
  if (principal.permissions)
    return `The permission document of this token does not allow ${permission} here.`;
  return needs(permission);
}

function needs(permission: Permission): string {
  return `This needs the right ${permission}, which you do not have.`;
}

function whoCan(permission: Permission): string {
  const roles = ORG_ROLES.filter((role) => role !== 'MEMBER' && roleAllows(role, permission));
  const grant = WORKSPACE_RIGHTS[permission];
  const help = grant ? `can give you the grant ${grant} in the workspace` : 'can do it, or change your role';
  return `An ${roles.join(' or ')} of the organization ${help}.`;
}
