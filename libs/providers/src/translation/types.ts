import type { LoopUsage } from '../loop-types.js';

export type NeutralPart =
  | { type: 'text'; text: string }
  /** Of an image in the request itself, `data` in base64. */
  | { type: 'image'; mediaType: string; data: string }
  | { type: 'imageUrl'; url: string }
  | { type: 'toolCall'; id: string; name: string; input: unknown };

export interface NeutralToolResult {
  id: string;
  name: string;
  text: string;
  isError: boolean;
}

export type NeutralMessage =
  | { role: 'system'; text: string }
  | { role: 'user'; parts: NeutralPart[] }
  | { role: 'assistant'; parts: NeutralPart[] }
  | { role: 'tool'; results: NeutralToolResult[] };

export interface NeutralTool {
  name: string;
  description: string | undefined;
  /** JSON Schema, an object. */
  inputSchema: Record<string, unknown>;
}

/** How much a model may think before it answers. */
export type NeutralReasoning = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';

/** A call of a model in no vendor's words: what all of them can be asked. */
export interface NeutralRequest {
  messages: NeutralMessage[];
  tools: NeutralTool[];
  toolChoice: 'auto' | 'none' | 'required' | { tool: string } | undefined;
  /** Whether the model may call one tool at most. */
  oneCall: boolean;
  maxOutputTokens: number | undefined;
  temperature: number | undefined;
  topP: number | undefined;
  topK: number | undefined;
  stop: string[];
  seed: number | undefined;
  presencePenalty: number | undefined;
  frequencyPenalty: number | undefined;
  reasoning: NeutralReasoning | undefined;
  /** An answer in JSON, by a schema where there is one. */
  json: { schema: Record<string, unknown> | undefined; name: string | undefined } | undefined;
}

export type NeutralFinish = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'other';

/** What a model says, as it comes. */
export type NeutralEvent =
  | { type: 'text'; delta: string }
  | { type: 'toolCall'; id: string; name: string; input: unknown }
  | {
      type: 'finished';
      reason: NeutralFinish;
      usage: LoopUsage;
      upstreamRequestId: string | null;
      /** The one that the vendor says it was. */
      model: string | null;
    };
