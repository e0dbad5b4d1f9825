import type { Ports } from './ports.js';

export interface DemoAccount {
  email: string;
  password: string;
}

/** What the demo made; the tokens are shown here and nowhere else. */
export interface DemoState {
  orgId: string;
  workspaceId: string;
  owner: DemoAccount;
  editor: DemoAccount;
  engineToken: string;
  workspaceToken: string;
}

/** The content of `state.json`: how to reach this installation while it runs (API.md, Operator settings). */
export interface State {
  ports: Partial<Ports> & { database?: number; apiMetrics?: number; engineMetrics?: number };
  urls: { api: string; engine: string; web: string; worker: string; upstream?: string };
  pids: Record<string, number>;
  /** The embedded server's superuser, for an operator's tools; with an own Postgres the owner's login. */
  databaseUrl: string;
  operatorToken: string;
  demo?: DemoState;
}
