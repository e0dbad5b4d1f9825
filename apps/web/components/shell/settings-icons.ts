import {
  IconBuilding,
  IconChartBar,
  IconHistory,
  IconKey,
  IconLayoutGrid,
  IconTicket,
  IconUsers,
  type Icon,
} from '@tabler/icons-react';

export const SETTINGS_ICONS: Record<string, Icon> = {
  '/settings/ai-providers': IconKey,
  '/settings/workspaces': IconLayoutGrid,
  '/settings/members': IconUsers,
  '/settings/tokens': IconTicket,
  '/settings/usage': IconChartBar,
  '/settings/organization': IconBuilding,
  '/settings/audit': IconHistory,
};
