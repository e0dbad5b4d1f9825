import type { OrgRole, Permission, WorkspaceGrant } from '#lib/contracts';
import type { TokenKind } from '#lib/kernel';
import { globMatches } from './glob.js';

/** What is done inside one workspace, and the grant that a MEMBER needs for it (PRODUCT #3); null: having joined is enough. */
export const WORKSPACE_RIGHTS: Partial<Record<Permission, keyof WorkspaceGrant | null>> = {
  'workspaces:ListWorkspaces': null,
  'workspaces:GetWorkspace': null,
  'workspaces:ListModels': null,
  'workspaces:ResolveModel': null,
  'workspaces:ListMcpServers': null,
  'workspaces:UpdateWorkspace': 'canEdit',
  'workspaces:DeleteWorkspace': 'canDelete',
  'agentRuns:CreateAgentRun': 'canExecute',
  'agentRuns:CancelAgentRun': 'canExecute',
  'agentRuns:ApproveAgentRun': 'canExecute',
  'agentRuns:GetAgentRun': null,
  'agentRuns:ListAgentRuns': null,
};

const ADMIN_RIGHTS = [
  'account:*',
  'orgs:GetOrg',
  'orgs:GetKillSwitch',
  'members:ListMembers',
  'members:UpdateMember',
  'members:RemoveMember',
  'invites:*',
  'tokens:*',
  'workspaces:*',
  'providers:List*',
  'modelAliases:*',
  'aiProviders:ListAiProviders',
  'aiProviders:GetAiProvider',
  'aiProviders:GetAiProviderPrices',
  'secrets:ListSecrets',
  'mcpServers:ListMcpServers',
  'mcpServers:GetMcpServer',
  'plan:*',
  'usage:*',
  'policies:*',
  'quotas:*',
  'webhooks:*',
  'notices:ListNotices',
  'audit:*',
  'agentRuns:*',
];
const MEMBER_RIGHTS = ['account:*', 'orgs:GetKillSwitch', ...Object.keys(WORKSPACE_RIGHTS)];

/** What a token may be used for at all, whoever owns it. */
const KIND_RIGHTS: Record<TokenKind, string[]> = {
  api: ['*'],
  engine: [
    'agentRuns:*',
    'workspaces:ListWorkspaces',
    'workspaces:GetWorkspace',
    'workspaces:ListModels',
    'workspaces:ResolveModel',
    'workspaces:ListMcpServers',
  ],
  workspace: ['agentRuns:CreateAgentRun', 'agentRuns:GetAgentRun', 'workspaces:ListModels'],
};

/** Whether the role has the permission at all; for a MEMBER the workspace's grant decides further. */
export function roleAllows(role: OrgRole, permission: Permission): boolean {
  switch (role) {
    case 'OWNER':
      return true;
    case 'ADMIN':
      return ADMIN_RIGHTS.some((glob) => globMatches(glob, permission));
    case 'MEMBER':
      return MEMBER_RIGHTS.some((glob) => globMatches(glob, permission));
  }
}

/** Whether tokens of this kind may be used for the permission. Nobody's own account is a token's business. */
export function kindAllows(kind: TokenKind, permission: Permission): boolean {
  if (permission.startsWith('account:')) return false;
  return KIND_RIGHTS[kind].some((glob) => globMatches(glob, permission));
}
