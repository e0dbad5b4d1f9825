import type { OrgRole, PermissionStatement } from '#lib/contracts';
import type { TokenKind } from '#lib/kernel';

export interface UserFacts {
  id: string;
  email: string;
  name: string;
}

export interface OrgFacts {
  id: string;
  slug: string;
  name: string;
  plan: string;
}

export interface GrantFacts {
  workspaceId: string;
  canEdit: boolean;
  canDelete: boolean;
  canExecute: boolean;
}

export interface MemberFacts {
  id: string;
  role: OrgRole;
  status: 'pending' | 'active';
  /** Whether they exceed the plan's members. */
  beyondPlan: boolean;
  grants: GrantFacts[];
}

/** A live session with its user, and the organization it works in as the user's membership is now. */
export interface SessionRow {
  id: string;
  /** SHA-256 of the CSRF token. */
  csrfHash: Buffer;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
  user: UserFacts;
  /** null: none chosen yet, or it is gone. */
  org: OrgFacts | null;
  /** null: no member of that organization (any more). */
  member: MemberFacts | null;
}

/** A bearer token with its owner as their membership is now. May be revoked or expired: the caller decides. */
export interface TokenRow {
  id: string;
  name: string;
  kind: TokenKind;
  /** Hard wall: null serves the whole organization. */
  workspaceId: string | null;
  permissions: PermissionStatement[] | null;
  expiresAt: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
  user: UserFacts;
  org: OrgFacts;
  member: MemberFacts;
}

export interface LoginRow {
  userId: string;
  email: string;
  name: string;
  /** PHC string; verify with kernel's `verifyPassword`. */
  passwordHash: string;
}

export interface SessionListRow {
  id: string;
  ip: string | null;
  userAgent: string | null;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
}

export interface UserOrgRow extends OrgFacts {
  memberId: string;
  role: OrgRole;
  status: 'pending' | 'active';
}

export interface InviteRow {
  id: string;
  role: OrgRole;
  enabled: boolean;
  expiresAt: Date | null;
  org: OrgFacts;
}

export interface NewUser {
  /** `usr_…` */
  id: string;
  email: string;
  name: string;
  passwordHash: string;
}

export interface NewSession {
  /** `ses_…` */
  id: string;
  userId: string;
  tokenHash: Buffer;
  csrfHash: Buffer;
  activeOrgId: string | null;
  ip: string | null;
  userAgent: string | null;
  expiresAt: Date;
}
