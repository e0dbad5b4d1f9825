import type { OrgRole } from './api/types';

/** A page of Settings, and who sees it in the rail. The planes decide; this only spares people a refusal. */
export interface SettingsPage {
  href: string;
  label: string;
  purpose: string;
  roles: readonly OrgRole[];
}

const OWNER: readonly OrgRole[] = ['OWNER'];
const OWNER_ADMIN: readonly OrgRole[] = ['OWNER', 'ADMIN'];

export const SETTINGS_PAGES: readonly SettingsPage[] = [
  {
    href: '/settings/ai-providers',
    label: 'AI Providers',
    purpose: 'Keys of your organization',
    roles: OWNER_ADMIN,
  },
  {
    href: '/settings/workspaces',
    label: 'Workspaces',
    purpose: 'Which workspace may use which key',
    roles: OWNER_ADMIN,
  },
  {
    href: '/settings/mcp-servers',
    label: 'MCP servers',
    purpose: 'Servers that bring tools',
    roles: OWNER_ADMIN,
  },
  {
    href: '/settings/members',
    label: 'Members',
    purpose: 'People, roles and invite links',
    roles: OWNER_ADMIN,
  },
  {
    href: '/settings/tokens',
    label: 'Tokens',
    purpose: 'Access for workflow engines and applications',
    roles: OWNER_ADMIN,
  },
  {
    href: '/settings/webhooks',
    label: 'Webhooks',
    purpose: 'Who is told of what happens',
    roles: OWNER_ADMIN,
  },
  {
    href: '/settings/policies',
    label: 'Policies',
    purpose: 'What calls may do, and what broke a rule',
    roles: OWNER_ADMIN,
  },
  { href: '/settings/usage', label: 'Plan & Usage', purpose: 'Limits, calls and cost', roles: OWNER_ADMIN },
  { href: '/settings/audit', label: 'Audit', purpose: 'Who changed what', roles: OWNER_ADMIN },
  {
    href: '/settings/organization',
    label: 'Organization',
    purpose: 'Name, own KMS key, export and deletion',
    roles: OWNER,
  },
];

export function settingsPagesOf(role: OrgRole | undefined): readonly SettingsPage[] {
  return role ? SETTINGS_PAGES.filter((page) => page.roles.includes(role)) : [];
}
