import type { TokenKind } from '#lib/kernel';
import type { ServerApproval, ServerApprovers } from './agent-run.js';
import type { ModelAlias } from './models.js';
import type { StatePriceOverride, StateQuota } from './quotas.js';
import type { KeyLimits, RateLimits } from './rate-limits.js';
import type { OrgRole, PermissionStatement, WorkspaceGrant } from './permissions.js';
import type { PlanLimits } from './plan-limits.js';
import type { StatePolicy } from './policies.js';

/** Who asks, before anything is known about them: the hash of what they presented, or the claims of a verified ticket. */
export type StatePrincipalKey =
  | { tokenHash: Buffer }
  | { sessionHash: Buffer }
  | { ticket: { orgId: string; userId: string; aiProviderId: string; secretVersion?: number } };

/**
 * One authorisation question: this principal, in this workspace (`ws_…`; ignored for a ticket, which names a key instead). null: in
 * the one that the token was made for.
 */
export interface StateKey {
  workspaceId: string | null;
  principal: StatePrincipalKey;
}

/** A stop of one organization's calls: by the operator of the installation, or by one of its own OWNERs. */
export interface OrgKillSwitch {
  by: 'operator' | 'owner';
  reason: string;
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
  /** Whether the member exceeds the plan: they read, and change and run nothing (ADR 0025). */
  beyondPlan: boolean;
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

/** A secret of the organization as the engine may open it: its active version, sealed. */
export type StateSealed = Pick<
  StateAssignment,
  'name' | 'secretId' | 'secretVersion' | 'format' | 'kmsRef' | 'origins' | 'wrappedDek' | 'envelope'
>;

/** An MCP server that the workspace was handed, with the sealed form of what its Authorization header carries. */
export interface StateMcpServer extends StateSealed {
  /** `mcp_…` */
  id: string;
  url: string;
  /** Neither the server nor its assignment is switched off. */
  enabled: boolean;
  approval: ServerApproval;
  approvers: ServerApprovers;
}

/** The rate limits that concern a state; what is left out has none. */
export interface StateRateLimits {
  token: RateLimits | null;
  /** The limited tokens that the caller's token comes from, first made first, and itself: rolled from one another or made by one another. */
  tokenLine: { id: string; limits: RateLimits }[];
  /** By `aip_…`. */
  keys: Record<string, KeyLimits>;
  /** The operator's, by slug; each holds for the organization by itself. */
  providers: Record<string, RateLimits>;
}

/** Everything that authorises a call, read from the primary in one query (CUSTODY §4). */
export interface AuthorisedState {
  killSwitch: { enabled: boolean; reason: string } | null;
  /** Who stopped the calls of this organization, and why; null: nobody. */
  orgKillSwitch: OrgKillSwitch | null;
  /** null when nothing answers to what was presented. */
  principal: StatePrincipal | null;
  org: { id: string; plan: string; planLimits: PlanLimits } | null;
  /** null when there is no such workspace in the principal's organization; always null for a ticket. */
  workspace: { id: string; name: string; slug: string; defaultProvider: string | null } | null;
  /** Slugs of the providers whose organization gate is off. */
  disabledProviders: string[];
  /** What exceeds the plan, by the order in which things were made: it is read-only (ADR 0025). */
  beyondPlan: { aiProviderIds: string[]; workspace: boolean };
  /** Keys assigned to the workspace, by (priority, weight descending, id); for a ticket the one key that it names. */
  assignments: StateAssignment[];
  /** The enabled policies that cover this caller here, by scope and name; never those of an exception that is in force. */
  policies: StatePolicy[];
  /** The keys that these policies' judges were given, whatever the workspace was. Never chosen for a call; empty in the control plane. */
  judgeKeys: StateAssignment[];
  /** The aliases that hold in the workspace: the organization's and its own. */
  modelAliases: ModelAlias[];
  /** The MCP servers that the workspace was handed, by id; empty in the control plane. */
  mcpServers: StateMcpServer[];
  /** What tools may name in their headers, by name; empty in the control plane. */
  toolSecrets: StateSealed[];
  /** The version of the platform tier that this state goes with; 0 while no operator changed it. */
  catalogueVersion: number;
  rateLimits: StateRateLimits;
  /** The quotas and budgets that this caller's calls may count against, by id; those of keys for every key assigned here. */
  quotas: StateQuota[];
  /** The prices that hold in the organization in place of the list's; one for a model. */
  priceOverrides: StatePriceOverride[];
  /** `clock.monotonicMs()` taken BEFORE the query was sent: the state is at least as fresh as this. */
  stampMs: number;
}
