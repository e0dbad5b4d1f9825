import {
  IconBuilding,
  IconChartBar,
  IconHistory,
  IconKey,
  IconLayoutGrid,
  IconPlugConnected,
  IconShieldCheck,
  IconTicket,
  IconUsers,
  IconWebhook,
  type Icon,
} from '@tabler/icons-react';

export const SETTINGS_ICONS: Record<string, Icon> = {
  '/settings/ai-providers': IconKey,
  '/settings/workspaces': IconLayoutGrid,
  '/settings/mcp-servers': IconPlugConnected,
  '/settings/members': IconUsers,
  '/settings/tokens': IconTicket,
  '/settings/webhooks': IconWebhook,
  '/settings/policies': IconShieldCheck,
  '/settings/usage': IconChartBar,
  '/settings/audit': IconHistory,
  '/settings/organization': IconBuilding,
};
