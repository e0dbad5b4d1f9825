export { assertMay } from './workspace.js';
export { WorkspacesModule } from './workspaces.module.js';
