export { McpServersModule } from './mcp-servers.module.js';
