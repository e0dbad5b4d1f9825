import type { OrgRole, PermissionStatement, WorkspaceGrant } from '#lib/contracts';
import type { TokenKind } from '#lib/kernel';

/** Who acts in which organization, and with what rights. Only active members have one. */
export interface Principal {
  kind: 'session' | 'token';
  userId: string;
  orgId: string;
  memberId: string;
  /** The member's current role: of a token, its owner's. */
  role: OrgRole;
  tokenId?: string;
  tokenKind?: TokenKind;
  /** Set on a workspace-scoped token: a hard wall (PRODUCT #6). */
  workspaceId?: string;
  /** When the token ends; null or left out: not by itself. */
  tokenExpiresAt?: Date | null;
  /** A token's own permission document; null or left out means all that its owner may. */
  permissions?: PermissionStatement[] | null;
  /** Whether the member exceeds the plan, and may only look (ADR 0025). */
  beyondPlan?: boolean;
  /** Grants by workspace id. OWNER and ADMIN need none. */
  grants: ReadonlyMap<string, WorkspaceGrant>;
}

/** The person behind a session, with or without an active membership. */
export interface Account {
  userId: string;
  email: string;
  name: string;
  sessionId: string;
  csrfToken: string;
  activeOrgId: string | null;
}

/** What authentication found. A token has a principal, a session has an account and, with an active membership, a principal. */
export interface Authenticated {
  account: Account | null;
  principal: Principal | null;
  /** Why a session or token has no principal though it is known. */
  pending?: boolean;
}

/** `usr_…` or `tok_…`: what audit rows name as actor. */
export function actorOf(principal: Pick<Principal, 'userId' | 'tokenId'>): string {
  return principal.tokenId ?? principal.userId;
}
