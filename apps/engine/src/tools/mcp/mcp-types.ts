import type { StateMcpServer } from '#lib/contracts';
import type { EgressGuard } from '#lib/egress';
import type { GateCheck } from '../../keys/fence.js';
import type { McpToolSpec } from '../../pipeline/agent-spec.js';
import type { CarriedSecrets } from '../carried-secrets.js';
import type { ToolsAsked } from '../tools-asked.js';
import type { McpSession } from './mcp-session.js';

/** An entry of the agent's tools that names a server, and the server. */
export interface McpPlace {
  index: number;
  spec: McpToolSpec;
  server: StateMcpServer;
}

export interface McpAsked extends ToolsAsked {
  places: readonly McpPlace[];
  /** What their Authorization headers carry. */
  carried: CarriedSecrets;
  check: GateCheck;
  guard: EgressGuard;
  /** A fence that asks this gate. */
  fenceOf: (gate: GateCheck) => () => void | Promise<void>;
}

/** A tool that a server has and the agent wants. */
export interface ListedTool {
  place: McpPlace;
  session: McpSession;
  /** The server's own name of it. */
  own: string;
  description: string;
  inputSchema: Record<string, unknown>;
}
