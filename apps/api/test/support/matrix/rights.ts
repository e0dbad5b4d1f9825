import { PERMISSIONS } from '#lib/contracts';

/**
 * Who may call what, written down a second time and by hand: the code's own table must not be its own judge.
 * OWNER may everything.
 */
const ADMIN = [
  'account:ReadSelf',
  'account:UpdateSelf',
  'orgs:GetOrg',
  'orgs:GetKillSwitch',
  'members:ListMembers',
  'members:UpdateMember',
  'members:RemoveMember',
  'invites:ListInvites',
  'invites:CreateInvite',
  'invites:UpdateInvite',
  'invites:DeleteInvite',
  'tokens:ListTokens',
  'tokens:CreateToken',
  'tokens:RevokeToken',
  'tokens:RollToken',
  'workspaces:ListWorkspaces',
  'workspaces:GetWorkspace',
  'workspaces:CreateWorkspace',
  'workspaces:UpdateWorkspace',
  'workspaces:DeleteWorkspace',
  'workspaces:ManageGrants',
  'workspaces:ListModels',
  'workspaces:ResolveModel',
  'workspaces:ListMcpServers',
  'providers:ListProviders',
  'providers:ListModels',
  'modelAliases:ListModelAliases',
  'modelAliases:ReplaceModelAliases',
  'aiProviders:ListAiProviders',
  'aiProviders:GetAiProvider',
  'secrets:ListSecrets',
  'mcpServers:ListMcpServers',
  'mcpServers:GetMcpServer',
  'plan:GetPlan',
  'usage:GetUsage',
  'policies:ListPolicies',
  'policies:GetPolicy',
  'policies:CreatePolicy',
  'policies:UpdatePolicy',
  'policies:DeletePolicy',
  'policies:DryRunPolicy',
  'policies:ListPolicyVersions',
  'policies:ListViolations',
  'policies:ListApprovals',
  'policies:CreateApproval',
  'policies:RevokeApproval',
  'quotas:ListQuotas',
  'quotas:GetQuota',
  'quotas:CreateQuota',
  'quotas:UpdateQuota',
  'quotas:DeleteQuota',
  'notices:ListNotices',
  'aiProviders:GetAiProviderPrices',
  'audit:ListAuditEvents',
  'audit:ExportAuditEvents',
];
const ACCOUNT = ['account:ReadSelf', 'account:UpdateSelf'];
const IN_A_WORKSPACE = [
  'workspaces:ListWorkspaces',
  'workspaces:GetWorkspace',
  'workspaces:ListModels',
  'workspaces:ResolveModel',
  'workspaces:ListMcpServers',
];
const NO_ACCOUNT = (names: readonly string[]) => names.filter((name) => !name.startsWith('account:'));

/** What may be done at all; in which rows is the ids' matrix's business. */
export const RIGHTS = {
  owner: new Set<string>(PERMISSIONS),
  admin: new Set(ADMIN),
  /** One who joined no workspace, or one without grants in it. */
  member: new Set([...ACCOUNT, 'orgs:GetKillSwitch', ...IN_A_WORKSPACE]),
  /** A MEMBER with every grant in the default workspace. */
  editor: new Set([
    ...ACCOUNT,
    'orgs:GetKillSwitch',
    ...IN_A_WORKSPACE,
    'workspaces:UpdateWorkspace',
    'workspaces:DeleteWorkspace',
  ]),
  pending: new Set(ACCOUNT),
  ownersToken: new Set(NO_ACCOUNT(PERMISSIONS)),
  adminsToken: new Set(NO_ACCOUNT(ADMIN)),
  boundToken: new Set([...IN_A_WORKSPACE, 'workspaces:UpdateWorkspace', 'workspaces:DeleteWorkspace']),
  engineToken: new Set(IN_A_WORKSPACE),
  workspaceToken: new Set(['workspaces:ListModels']),
  nobody: new Set<string>(),
} as const;
export type RightsName = keyof typeof RIGHTS;
