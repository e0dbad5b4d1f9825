import type { TokenKind } from '#lib/kernel';
import type { OrgRole, PermissionStatement, WorkspaceGrant } from './permissions.js';

/** Who asks, before anything is known about them: the hash of what they presented, or the claims of a verified ticket. */
export type StatePrincipalKey =
  | { tokenHash: Buffer }
  | { sessionHash: Buffer }
  | { ticket: { orgId: string; userId: string; aiProviderId: string; secretVersion?: number } };

/** One authorisation question: this principal, in this workspace (`ws_…`; ignored for a ticket, which names a key instead). */
export interface StateKey {
  workspaceId: string;
  principal: StatePrincipalKey;
}

/** Counted limits of a plan by their public names; null means unlimited. */
export interface PlanLimits {
  keys: number | null;
  workspaces: number | null;
  members: number | null;
  executionsPerMonth: number | null;
}

/** The caller as the database knows it now. Whether that suffices is for the gates to say. */
export interface StatePrincipal {
  kind: 'token' | 'session' | 'ticket';
  /** `tok_…`, `ses_…`, or for a ticket the `usr_…` that it speaks for. */
  id: string;
  tokenKind?: TokenKind;
  /** The hard wall of a token: `ws_…`, or null when it serves the whole organization. */
  tokenWorkspaceId?: string | null;
  permissions?: PermissionStatement[] | null;
  revoked: boolean;
  expiresAt: Date | null;
  userId: string;
  /** null when the user is no member of the organization (any more). */
  memberId: string | null;
  role: OrgRole | null;
  memberStatus: 'pending' | 'active' | null;
  /** SHA-256 of the session's CSRF token; sessions only. */
  csrfHash?: Buffer;
  /** The member's grant in this workspace; null when there is none. */
  grant: WorkspaceGrant | null;
}

/** A provider key as a workspace sees it, with the sealed form of its active secret version (purpose `call` only). */
export interface StateAssignment {
  aiProviderId: string;
  name: string;
  provider: string;
  baseUrl: string | null;
  config: Record<string, unknown>;
  keyDefaultModel: string | null;
  keyModels: string[];
  enabled: boolean;
  expiresAt: Date | null;
  /** Lower goes first. */
  priority: number;
  weight: number;
  active: boolean;
  assignmentDefaultModel: string | null;
  assignmentModels: string[];
  secretId: string | null;
  secretVersion: number | null;
  /** What receipts call the version of the key: the secret's version, or the key's revision when it has no secret. */
  keyVersion: number;
  format: number | null;
  kmsRef: string | null;
  /** As sealed: part of the AAD. */
  origins: string[];
  wrappedDek: Buffer | null;
  envelope: Buffer | null;
  createdAt: Date;
}

/** Everything that authorises a call, read from the primary in one query (CUSTODY §4). */
export interface AuthorisedState {
  killSwitch: { enabled: boolean; reason: string } | null;
  /** null when nothing answers to what was presented. */
  principal: StatePrincipal | null;
  org: { id: string; plan: string; planLimits: PlanLimits } | null;
  /** null when there is no such workspace in the principal's organization; always null for a ticket. */
  workspace: { id: string; name: string; slug: string; defaultProvider: string | null } | null;
  /** Slugs of the providers whose organization gate is off. */
  disabledProviders: string[];
  /** Keys assigned to the workspace, by (priority, weight descending, id); for a ticket the one key that it names. */
  assignments: StateAssignment[];
  /** `clock.monotonicMs()` taken BEFORE the query was sent: the state is at least as fresh as this. */
  stampMs: number;
}
