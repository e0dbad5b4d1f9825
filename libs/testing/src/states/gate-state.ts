import { NO_LIMITS, type AuthorisedState, type StateAssignment } from '#lib/contracts';

export const FIXTURE_NOW = new Date('2026-11-21T12:00:00Z');

/** An assignment of a usable key; `aip_` ids are made up and well-formed. */
export function gateAssignment(provider: string, more: Partial<StateAssignment> = {}): StateAssignment {
  return {
    aiProviderId: `aip_01jd00000000000000000${provider
      .padEnd(5, '0')
      .slice(0, 5)
      .replace(/[ilou]/g, '0')}`,
    name: `${provider} key`,
    provider,
    baseUrl: null,
    config: {},
    keyDefaultModel: null,
    keyModels: [],
    enabled: true,
    expiresAt: null,
    priority: 0,
    weight: 1,
    active: true,
    assignmentDefaultModel: null,
    assignmentModels: [],
    secretId: 'sec_01jd0000000000000000000000',
    secretVersion: 1,
    keyVersion: 1,
    format: 1,
    kmsRef: 'local/1',
    origins: [],
    wrappedDek: null,
    envelope: null,
    createdAt: FIXTURE_NOW,
    ...more,
  };
}

/** A state in which an OWNER's engine token asks for workspace "Production", with these assignments. */
export function gateState(
  assignments: StateAssignment[],
  more: Partial<AuthorisedState> = {},
): AuthorisedState {
  return {
    killSwitch: null,
    orgKillSwitch: null,
    principal: {
      kind: 'token',
      id: 'tok_01jd0000000000000000000000',
      tokenKind: 'engine',
      tokenWorkspaceId: null,
      permissions: null,
      revoked: false,
      expiresAt: null,
      userId: 'usr_01jd0000000000000000000000',
      memberId: 'mem_01jd0000000000000000000000',
      role: 'OWNER',
      memberStatus: 'active',
      grant: null,
      beyondPlan: false,
    },
    org: {
      id: 'org_01jd0000000000000000000000',
      plan: 'unlimited',
      planLimits: NO_LIMITS,
    },
    workspace: {
      id: 'ws_01jd0000000000000000000000',
      name: 'Production',
      slug: 'production',
      defaultProvider: null,
    },
    disabledProviders: [],
    modelAliases: [],
    mcpServers: [],
    toolSecrets: [],
    catalogueVersion: 0,
    beyondPlan: { aiProviderIds: [], workspace: false },
    assignments,
    policies: [],
    judgeKeys: [],
    rateLimits: { token: null, tokenLine: [], keys: {}, providers: {} },
    quotas: [],
    priceOverrides: [],
    stampMs: 0,
    ...more,
  };
}

/** What the policies of an organization without any say. */
export const OPEN_POLICIES = { call: null, target: () => null, passed: 'No policy applies.' };
