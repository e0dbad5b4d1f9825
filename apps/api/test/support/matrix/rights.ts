import { PERMISSIONS } from '#lib/contracts';

/**
 * Who may call what, written down a second time and by hand: the code's own table must not be its own judge.
 * OWNER may everything.
 */
const ADMIN = [
  'account:ReadSelf',
  'account:UpdateSelf',
  'orgs:GetOrg',
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
  'providers:ListProviders',
  'providers:ListModels',
  'aiProviders:ListAiProviders',
  'aiProviders:GetAiProvider',
  'secrets:ListSecrets',
  'plan:GetPlan',
  'usage:GetUsage',
  'audit:ListAuditEvents',
  'audit:ExportAuditEvents',
];
const ACCOUNT = ['account:ReadSelf', 'account:UpdateSelf'];
const IN_A_WORKSPACE = [
  'workspaces:ListWorkspaces',
  'workspaces:GetWorkspace',
  'workspaces:ListModels',
  'workspaces:ResolveModel',
];
const NO_ACCOUNT = (names: readonly string[]) => names.filter((name) => !name.startsWith('account:'));

/** What may be done at all; in which rows is the ids' matrix's business. */
export const RIGHTS = {
  owner: new Set<string>(PERMISSIONS),
  admin: new Set(ADMIN),
  /** One who joined no workspace, or one without grants in it. */
  member: new Set([...ACCOUNT, ...IN_A_WORKSPACE]),
  /** A MEMBER with every grant in the default workspace. */
  editor: new Set([
    ...ACCOUNT,
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
