import type { LoopOutput } from '#lib/providers';

/** A tool that the engine calls over HTTP. */
export interface HttpToolSpec {
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

export type ToolChoice = 'auto' | 'none' | 'required' | { tool: string };

/** An agent as the pipeline takes it: validated, with only what it can do. */
export interface AgentSpec {
  model?: string;
  provider?: string;
  surface?: string;
  system?: string;
  messages: { role: 'user' | 'assistant'; content: string }[];
  tools: HttpToolSpec[];
  toolChoice: ToolChoice;
  maxSteps: number;
  output?: LoopOutput;
  temperature?: number;
  maxOutputTokens?: number;
  /** Milliseconds that the whole run may take. */
  timeoutMs: number;
}
