export { OrgKillSwitchModule } from './org-kill-switch.module.js';
