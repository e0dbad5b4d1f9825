import {
  actorOf,
  assertWorkspace,
  coversRow,
  csrfTokenFor,
  seesWorkspace,
  type Account,
  type Authenticated,
  type Principal,
} from '#lib/access';
import { principalRefusal } from '#lib/catalog';
import {
  ClavigerError,
  notFound,
  type AuthorisedState,
  type Permission,
  type StatePrincipal,
} from '#lib/contracts';

/** A caller in one workspace, as the authorised state has it. */
export interface Caller {
  principal: Principal;
  orgId: string;
  workspaceId: string;
  /** `usr_…` or `tok_…`: what receipts and audit rows name. */
  actor: string;
}

/** What a token or session is worth by this state. Throws `unauthenticated` with the reason when it was good once. */
export function authenticated(
  state: AuthorisedState,
  now: Date,
  account: Account | null,
): Authenticated | null {
  const { principal } = state;
  if (!principal) return null;
  assertAlive(principal, now);
  return { account, principal: principalOf(state, principal), pending: principal.memberStatus === 'pending' };
}

/** The person behind a session's state. */
export function accountOf(state: AuthorisedState, sessionToken: string): Account | null {
  const { principal, org } = state;
  if (!principal) return null;
  const csrfToken = csrfTokenFor(sessionToken);
  // No route of this process shows who a person is.
  return {
    userId: principal.userId,
    email: '',
    name: '',
    sessionId: principal.id,
    csrfToken,
    activeOrgId: org?.id ?? null,
  };
}

/**
 * A workspace that the caller may not know of is the same 404 as none, before rights are spoken of (PRODUCT #7). A token that was
 * made for this workspace, or for the workflow engine of the whole organization, knew of it: whose owner was demoted is told so.
 */
export function assertVisible(state: AuthorisedState, principal: Principal, now: Date): void {
  const { workspace } = state;
  if (workspace && seesWorkspace(principal, workspace.id)) return;
  if (workspace && wasMadeFor(principal, workspace.id)) assertOwnerMayRun(state, now);
  throw notFound();
}

/** The caller, when the state lets it do this in its workspace; else `unauthenticated`, `not_found` or `forbidden`. */
export function assertCaller(state: AuthorisedState, permission: Permission, now: Date): Caller {
  const found = authenticated(state, now, null);
  if (!found)
    throw new ClavigerError(
      'unauthenticated',
      'Send a valid token as "Authorization: Bearer clv_eng_…", or sign in.',
    );
  const principal = found.principal;
  if (!principal) {
    throw new ClavigerError(
      'forbidden',
      'This needs an active member of the organization. Ask an OWNER to approve the membership under Members.',
    );
  }
  assertVisible(state, principal, now);
  if (!state.workspace) throw notFound();
  if (principal.kind === 'token' && permission === 'agentRuns:CreateAgentRun') assertOwnerMayRun(state, now);
  assertWorkspace(principal, state.workspace.id, permission);
  return { principal, orgId: principal.orgId, workspaceId: state.workspace.id, actor: actorOf(principal) };
}

/** The state without the keys that a token's own document leaves out: those of its workspace, less what a Deny names (PRODUCT #5). */
export function withinDocument(state: AuthorisedState, permission: Permission): AuthorisedState {
  const { principal, workspace } = state;
  if (!principal?.permissions || !workspace) return state;
  const { id } = workspace;
  const assignments = state.assignments.filter(({ aiProviderId }) =>
    coversRow(principal, permission, id, aiProviderId),
  );
  return { ...state, assignments };
}

function assertAlive(principal: StatePrincipal, now: Date): void {
  const over = principal.revoked
    ? 'was revoked'
    : principal.expiresAt && principal.expiresAt <= now
      ? 'has expired'
      : undefined;
  if (!over) return;
  const next =
    principal.kind === 'session'
      ? 'Sign in again.'
      : 'An OWNER or ADMIN can issue another one under Settings → Tokens.';
  throw new ClavigerError('unauthenticated', `This ${principal.kind} ${over}. ${next}`);
}

/** Whether the wall of a token is this workspace; the workflow engine's own kind has the whole organization when it has none. */
function wasMadeFor({ kind, tokenKind, workspaceId }: Principal, asked: string): boolean {
  if (kind !== 'token') return false;
  return workspaceId === undefined ? tokenKind === 'engine' : workspaceId === asked;
}

/** Throws what the gate of a run would say of the caller: the same sentence before the run and in the middle of it. */
function assertOwnerMayRun(state: AuthorisedState, now: Date): void {
  const refusal = principalRefusal(state, now);
  if (refusal) throw new ClavigerError(refusal.code, refusal.detail);
}

function principalOf(state: AuthorisedState, principal: StatePrincipal): Principal | null {
  const { memberId, role, memberStatus, grant, tokenKind, tokenWorkspaceId, permissions } = principal;
  if (
    !state.org ||
    memberId === null ||
    role === null ||
    memberStatus !== 'active' ||
    principal.kind === 'ticket'
  )
    return null;
  const token =
    principal.kind === 'token'
      ? { tokenId: principal.id, tokenKind, workspaceId: tokenWorkspaceId ?? undefined, permissions }
      : {};
  const grants = new Map(grant && state.workspace ? [[state.workspace.id, grant]] : []);
  return {
    kind: principal.kind,
    userId: principal.userId,
    orgId: state.org.id,
    memberId,
    role,
    grants,
    ...token,
  };
}
