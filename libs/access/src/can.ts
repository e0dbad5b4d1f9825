import { notFound, type Permission, type WorkspaceGrant } from '#lib/contracts';
import type { Principal } from './principal.js';
import { forbidden } from './refusal.js';
import { kindAllows, roleAllows, WORKSPACE_RIGHTS } from './role-rights.js';
import { statementsAllow, statementsAllowWhole } from './statements.js';

/**
 * Whether the principal may do this: role ∩ kind of token ∩ the token's own document ∩ its workspace wall, and for a
 * MEMBER the workspace's grant. `resource` is the id acted on; without it: whether it may on some resource.
 */
export function can(principal: Principal, permission: Permission, resource?: string): boolean {
  if (!roleAllows(principal.role, permission)) return false;
  if (principal.tokenKind !== undefined && !kindAllows(principal.tokenKind, permission)) return false;
  if (!insideWall(principal, permission, resource)) return false;
  if (!coversRow(principal, permission, ...(resource === undefined ? [] : [resource]))) return false;
  return granted(principal, permission, resource);
}

/**
 * Whether the token's own document lets it act on what these ids name; a principal without a document has all of its role's
 * rights. A row inside another is named by both ids: a statement covers it when it covers one of them.
 */
export function coversRow(
  principal: Pick<Principal, 'permissions'>,
  permission: Permission,
  ...ids: string[]
): boolean {
  return !principal.permissions || statementsAllow(principal.permissions, permission, ...ids);
}

/** What a call acts on, as far as can be told before its body is judged. */
export interface ActsOn {
  /** The ids (or slugs) of the path. */
  path: string[];
  /** The ids that query and body name. */
  beside: string[];
  /** Whether the answer is a list that leaves out what the document does not cover. */
  lists: boolean;
  writes: boolean;
}

/**
 * Whether the token's own document covers all that a call acts on; the guard asks, so that no route can forget to. The ids of the
 * path name one row together, every id beside it a row of its own. A call that names none acts on the organization: making
 * something needs a document that covers `*` or the organization's id, reading about all of it one that leaves nothing out.
 */
export function documentCovers(principal: Principal, permission: Permission, acts: ActsOn): boolean {
  const { permissions, orgId } = principal;
  if (!permissions) return true;
  const { path, beside, lists, writes } = acts;
  const allows = (...ids: string[]) => statementsAllow(permissions, permission, ...ids);
  if (path.length > 0) return allows(...path) && beside.every((id) => allows(id));
  if (lists) return allows() && beside.every((id) => allows(id));
  if (writes) return allows(orgId) && beside.every((id) => allows(id));
  return statementsAllowWhole(permissions, permission, beside.length > 0 ? beside : [orgId]);
}

/** `can`, or `forbidden` with who can help. */
function assertCan(principal: Principal, permission: Permission, resource?: string): void {
  if (!can(principal, permission, resource)) throw forbidden(permission, principal);
}

/** Whether the principal may know of this workspace: an OWNER or ADMIN, or a member who joined it; never through a token's wall. */
export function seesWorkspace(principal: Principal, workspaceId: string): boolean {
  if (principal.workspaceId !== undefined && principal.workspaceId !== workspaceId) return false;
  return principal.role !== 'MEMBER' || principal.grants.has(workspaceId);
}

/**
 * Guards one workspace: what the principal may not see is the same 404 as what does not exist (PRODUCT #6, #7), what it
 * sees and may not do is 403. Call it before reading the workspace's rows.
 */
export function assertWorkspace(principal: Principal, workspaceId: string, permission: Permission): void {
  if (!seesWorkspace(principal, workspaceId)) throw notFound();
  assertCan(principal, permission, workspaceId);
}

/** A workspace-scoped token does nothing outside workspaces, even when an OWNER made it. */
function insideWall(principal: Principal, permission: Permission, resource: string | undefined): boolean {
  if (principal.workspaceId === undefined) return true;
  if (!(permission in WORKSPACE_RIGHTS)) return false;
  return resource === undefined || resource === principal.workspaceId;
}

function granted(principal: Principal, permission: Permission, resource: string | undefined): boolean {
  const need: keyof WorkspaceGrant | null | undefined = WORKSPACE_RIGHTS[permission];
  if (principal.role !== 'MEMBER' || need === undefined) return true;
  if (resource === undefined)
    return need === null || [...principal.grants.values()].some((grant) => grant[need]);
  const grant = principal.grants.get(resource);
  return grant !== undefined && (need === null || grant[need]);
}
