import {
  planLimitsOf,
  type AuthorisedState,
  type ModelAlias,
  type OrgKillSwitch,
  type PermissionStatement,
  type PolicyScope,
  type QuotaScope,
  type StateAssignment,
  type StateMcpServer,
  type StatePolicy,
  type StatePriceOverride,
  type StatePrincipal,
  type StateQuota,
  type StateRateLimits,
  type StateSealed,
  type WorkspaceGrant,
} from '#lib/contracts';
import { fromUuid, type IdPrefix, type TokenKind } from '#lib/kernel';

/** The JSON that `lookup.authorised_state` answers: uuids, ISO times, base 64. */
export interface StateJson {
  killSwitch: { enabled: boolean; reason: string } | null;
  orgKillSwitch?: OrgKillSwitch | null;
  beyondPlan?: { keys: string[]; workspace: boolean };
  principal?: PrincipalJson;
  org?: { id: string; plan: string; planLimits: unknown } | null;
  workspace?: { id: string; name: string; slug: string; defaultProvider: string | null } | null;
  disabledProviders?: string[];
  assignments?: AssignmentJson[];
  policies?: PolicyJson[];
  judgeKeys?: AssignmentJson[];
  modelAliases?: ModelAlias[];
  mcpServers?: (SealedJson & Pick<StateMcpServer, 'id' | 'url' | 'enabled' | 'approval' | 'approvers'>)[];
  toolSecrets?: SealedJson[];
  catalogueVersion?: number;
  /** Keys by their uuid. */
  rateLimits?: StateRateLimits;
  quotas?: QuotaJson[];
  priceOverrides?: StatePriceOverride[];
}

type SealedJson = Omit<StateSealed, 'wrappedDek' | 'envelope'> & {
  wrappedDek: string | null;
  envelope: string | null;
};

type QuotaJson = Omit<StateQuota, 'scope'> & {
  workspaceId: string | null;
  tokenId: string | null;
  aiProviderId: string | null;
};

type PolicyJson = Omit<StatePolicy, 'scope'> & {
  workspaceId: string | null;
  tokenId: string | null;
};

interface PrincipalJson {
  kind: StatePrincipal['kind'];
  id: string;
  tokenKind?: TokenKind;
  tokenWorkspaceId?: string | null;
  permissions?: PermissionStatement[] | null;
  revoked: boolean;
  expiresAt: string | null;
  userId: string;
  memberId: string | null;
  role: StatePrincipal['role'];
  memberStatus: StatePrincipal['memberStatus'];
  csrfHash?: string;
  grant: WorkspaceGrant | null;
  beyondPlan: boolean;
}

type AssignmentJson = Omit<StateAssignment, 'expiresAt' | 'createdAt' | 'wrappedDek' | 'envelope'> & {
  expiresAt: string | null;
  createdAt: string;
  wrappedDek: string | null;
  envelope: string | null;
};

/** The state as the rest of the house knows it: prefixed ids, dates, bytes. `stampMs` is monotonic. */
export function stateOf(json: StateJson, stampMs: number): AuthorisedState {
  const { org, workspace } = json;
  return {
    killSwitch: json.killSwitch,
    orgKillSwitch: json.orgKillSwitch ?? null,
    principal: json.principal ? principalOf(json.principal) : null,
    org: org ? { ...org, id: fromUuid('org', org.id), planLimits: planLimitsOf(org.planLimits) } : null,
    workspace: workspace ? { ...workspace, id: fromUuid('ws', workspace.id) } : null,
    disabledProviders: json.disabledProviders ?? [],
    beyondPlan: beyondPlanOf(json.beyondPlan),
    assignments: (json.assignments ?? []).map(assignmentOf),
    policies: (json.policies ?? []).map(policyOf),
    judgeKeys: (json.judgeKeys ?? []).map(assignmentOf),
    modelAliases: (json.modelAliases ?? []).map((alias) => ({
      ...alias,
      workspaceId: idOrNull('ws', alias.workspaceId),
    })),
    mcpServers: (json.mcpServers ?? []).map((server) => ({
      ...server,
      ...sealedOf(server),
      id: fromUuid('mcp', server.id),
    })),
    toolSecrets: (json.toolSecrets ?? []).map(sealedOf),
    catalogueVersion: json.catalogueVersion ?? 0,
    rateLimits: rateLimitsOf(json.rateLimits),
    quotas: (json.quotas ?? []).map(quotaOf),
    priceOverrides: json.priceOverrides ?? [],
    stampMs,
  };
}

function beyondPlanOf({ keys, workspace } = { keys: [] as string[], workspace: false }) {
  return { aiProviderIds: keys.map((id) => fromUuid('aip', id)), workspace };
}

function rateLimitsOf(json: StateRateLimits | undefined): StateRateLimits {
  if (!json) return { token: null, tokenLine: [], keys: {}, providers: {} };
  const keys = Object.entries(json.keys).map(([id, limits]) => [fromUuid('aip', id), limits] as const);
  const tokenLine = json.tokenLine.map(({ id, limits }) => ({ id: fromUuid('tok', id), limits }));
  return { ...json, tokenLine, keys: Object.fromEntries(keys) };
}

const ID_OF = { token: 'tok', session: 'ses', ticket: 'usr' } as const;

function principalOf(json: PrincipalJson): StatePrincipal {
  return {
    kind: json.kind,
    id: fromUuid(ID_OF[json.kind], json.id),
    revoked: json.revoked,
    expiresAt: date(json.expiresAt),
    userId: fromUuid('usr', json.userId),
    memberId: idOrNull('mem', json.memberId),
    role: json.role,
    memberStatus: json.memberStatus,
    grant: json.grant,
    beyondPlan: json.beyondPlan,
    ...(json.kind === 'token' && {
      tokenKind: json.tokenKind,
      tokenWorkspaceId: idOrNull('ws', json.tokenWorkspaceId ?? null),
      permissions: json.permissions ?? null,
    }),
    ...(json.csrfHash !== undefined && { csrfHash: Buffer.from(json.csrfHash, 'base64') }),
  };
}

function assignmentOf(json: AssignmentJson): StateAssignment {
  return {
    ...json,
    ...sealedOf(json),
    aiProviderId: fromUuid('aip', json.aiProviderId),
    expiresAt: date(json.expiresAt),
    createdAt: new Date(json.createdAt),
  };
}

function sealedOf({ secretId, wrappedDek, envelope, ...rest }: SealedJson): StateSealed {
  const { name, secretVersion, format, kmsRef, origins } = rest;
  return {
    ...{ name, secretVersion, format, kmsRef, origins },
    secretId: idOrNull('sec', secretId),
    wrappedDek: bytes(wrappedDek),
    envelope: bytes(envelope),
  };
}

function policyOf({ id, workspaceId, tokenId, ...rest }: PolicyJson): StatePolicy {
  return { ...rest, id: fromUuid('pol', id), scope: scopeOf(workspaceId, tokenId) };
}

function quotaOf({ id, workspaceId, tokenId, aiProviderId, ...rest }: QuotaJson): StateQuota {
  const scope: QuotaScope =
    aiProviderId === null
      ? scopeOf(workspaceId, tokenId)
      : { type: 'key', id: fromUuid('aip', aiProviderId) };
  return { ...rest, id: fromUuid('quo', id), scope };
}

function scopeOf(workspaceId: string | null, tokenId: string | null): PolicyScope {
  if (workspaceId !== null) return { type: 'workspace', id: fromUuid('ws', workspaceId) };
  if (tokenId !== null) return { type: 'token', id: fromUuid('tok', tokenId) };
  return { type: 'organization' };
}

function idOrNull(prefix: IdPrefix, uuid: string | null): string | null {
  return uuid === null ? null : fromUuid(prefix, uuid);
}

function date(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}

function bytes(base64: string | null): Buffer | null {
  return base64 === null ? null : Buffer.from(base64, 'base64');
}
