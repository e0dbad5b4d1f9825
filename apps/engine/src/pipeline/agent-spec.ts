import type { RunApproval, RunToolCall, RunUsage } from '#lib/contracts';
import type { LoopMessage, LoopOutput } from '#lib/providers';

interface ApprovableSpec {
  /** A call waits until somebody says that it may be made. */
  needsApproval?: boolean;
}

/** A tool that the engine calls over HTTP. */
export interface HttpToolSpec extends ApprovableSpec {
  type: 'http';
  name: string;
  description: string;
  /** JSON Schema of the input, an object. */
  inputSchema: Record<string, unknown>;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  headers?: Record<string, string>;
  timeoutMs?: number;
}

/** The tools of an MCP server that the workspace was handed. */
export interface McpToolSpec extends ApprovableSpec {
  type: 'mcp';
  /** `mcp_…` */
  serverId: string;
  /** The server's own names of those that the model may call; all without it. */
  tools?: string[];
  /** Its tools bring their own. */
  description?: undefined;
}

/** A tool that the caller runs itself: the run pauses until its output is brought. */
export interface ClientToolSpec extends ApprovableSpec {
  type: 'client';
  name: string;
  description: string;
  /** JSON Schema of the input, an object. */
  inputSchema: Record<string, unknown>;
}

export type ToolSpec = HttpToolSpec | McpToolSpec | ClientToolSpec;

/** A call that somebody approved and that was not made yet. */
export interface ApprovedCall extends Pick<RunToolCall, 'toolCallId' | 'name' | 'input'> {
  mcp: RunApproval['mcp'];
}

export type ToolChoice = 'auto' | 'none' | 'required' | { tool: string };

/** What ends a run before its model is done. */
export type StopSpec =
  | { type: 'toolCall'; tool: string }
  | { type: 'steps'; count: number }
  | { type: 'text'; contains: string }
  | { type: 'tokens'; max: number }
  | { type: 'costMicroUsd'; max: number };

/** What holds for the steps `from` to `to`, counted from 1 over the whole run. */
export interface StepRuleSpec {
  from?: number;
  to?: number;
  toolChoice?: ToolChoice;
  tools?: string[];
}

/** Where a run goes on when the targets before it failed (PRODUCT #39). */
export interface RouteTarget {
  model?: string;
  provider?: string;
  aiProviderId?: string;
  /** Milliseconds until the first token of its answer. */
  timeoutMs?: number;
}

/** An agent as the pipeline takes it: validated, with only what it can do. */
export interface AgentSpec {
  model?: string;
  provider?: string;
  surface?: string;
  system?: string;
  messages: LoopMessage[];
  /** What was said since, of a run that goes on after a pause. */
  continued?: LoopMessage[];
  /** Of such a run: what is called before the model is asked again. */
  approved?: ApprovedCall[];
  /** Of such a run: what was done before. */
  earlier?: { steps: number; usage: RunUsage };
  tools: ToolSpec[];
  toolChoice: ToolChoice;
  maxSteps: number;
  stopWhen?: StopSpec[];
  steps?: StepRuleSpec[];
  output?: LoopOutput;
  temperature?: number;
  maxOutputTokens?: number;
  /** Milliseconds that the whole run may take. */
  timeoutMs: number;
  /** Further targets, in their order; none: the one choice is all that is tried. */
  routes?: RouteTarget[];
}
