/** `resource:Action` strings (PRODUCT #5). The kebab spelling of the resource is accepted as an alias on input. */
export const PERMISSIONS = [
  'account:ReadSelf',
  'account:UpdateSelf',
  'orgs:GetOrg',
  'orgs:UpdateOrg',
  'orgs:DeleteOrg',
  'orgs:ExportOrg',
  'orgs:GetOrgKms',
  'orgs:UpdateOrgKms',
  'orgs:GetKillSwitch',
  'orgs:SetKillSwitch',
  'members:ListMembers',
  'members:ApproveMember',
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
  'providers:GateProvider',
  'providers:ListModels',
  'modelAliases:ListModelAliases',
  'modelAliases:ReplaceModelAliases',
  'aiProviders:ListAiProviders',
  'aiProviders:GetAiProvider',
  'aiProviders:CreateAiProvider',
  'aiProviders:UpdateAiProvider',
  'aiProviders:DeleteAiProvider',
  'aiProviders:TestAiProvider',
  'aiProviders:RotateAiProvider',
  'aiProviders:AssignAiProvider',
  'aiProviders:ListAiProviderModels',
  'aiProviders:GetAiProviderPrices',
  'aiProviders:ManageAiProviderPrices',
  'secrets:ListSecrets',
  'secrets:CreateSecret',
  'secrets:RotateSecret',
  'secrets:DeleteSecret',
  'mcpServers:ListMcpServers',
  'mcpServers:GetMcpServer',
  'mcpServers:CreateMcpServer',
  'mcpServers:UpdateMcpServer',
  'mcpServers:DeleteMcpServer',
  'mcpServers:AssignMcpServer',
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
  'webhooks:ListWebhooks',
  'webhooks:GetWebhook',
  'webhooks:CreateWebhook',
  'webhooks:UpdateWebhook',
  'webhooks:DeleteWebhook',
  'webhooks:RotateWebhookSecret',
  'webhooks:TestWebhook',
  'webhooks:ListDeliveries',
  'webhooks:RedeliverDelivery',
  'notices:ListNotices',
  'notices:DismissNotice',
  'audit:ListAuditEvents',
  'audit:ExportAuditEvents',
  'agentRuns:CreateAgentRun',
  'agentRuns:GetAgentRun',
  'agentRuns:ListAgentRuns',
  'agentRuns:CancelAgentRun',
  'agentRuns:ApproveAgentRun',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export const ORG_ROLES = ['OWNER', 'ADMIN', 'MEMBER'] as const;
export type OrgRole = (typeof ORG_ROLES)[number];

/** What a member may do in one workspace beyond seeing it (PRODUCT #3). All default to off. */
export interface WorkspaceGrant {
  canEdit: boolean;
  canDelete: boolean;
  canExecute: boolean;
}

/** One statement of a permission document (PRODUCT #5). `*` matches anything; a Deny beats every Allow. */
export interface PermissionStatement {
  effect: 'Allow' | 'Deny';
  /** Permission strings or globs such as `aiProviders:*`. */
  actions: string[];
  /** Resource ids or `*`. */
  resources: string[];
}
