import type { ModelEndpoint } from './endpoint.js';
import type { Scrubber } from './scrubber.js';

/** Tokens of a step or a run. Input counts cached tokens, output counts reasoning. */
export interface LoopUsage {
  inputTokens: number;
  outputTokens: number;
  cachedInputTokens: number;
  reasoningTokens: number;
  totalTokens: number;
}

export type LoopMessage =
  | { role: 'user'; content: string }
  | { role: 'assistant'; content: string; toolCalls?: { toolCallId: string; name: string; input: unknown }[] }
  | { role: 'tool'; content: { toolCallId: string; name: string; output: unknown }[] };

export interface LoopTool {
  name: string;
  description: string;
  /** JSON schema of an object. */
  inputSchema: Record<string, unknown>;
  /**
   * Runs a call. What it throws goes to the model (and to the caller) as the tool's error, so its message must be fit to
   * be read. Left out: the caller's own tool; the loop ends when the model calls it.
   */
  execute?: (call: {
    toolCallId: string;
    name: string;
    input: unknown;
    signal: AbortSignal;
  }) => Promise<unknown>;
}

export type LoopToolChoice = 'auto' | 'none' | 'required' | { tool: string };

/** What the answer must be (PRODUCT #35). `json` without a schema is any JSON. */
export interface LoopOutput {
  type: 'text' | 'json' | 'score' | 'category' | 'boolean';
  schema?: Record<string, unknown> | undefined;
  categories?: string[] | undefined;
}

export interface AgentLoopOptions {
  endpoint: ModelEndpoint;
  model: string;
  system?: string | undefined;
  messages: LoopMessage[];
  tools?: LoopTool[] | undefined;
  /** `required` and a named tool hold for the first step; afterwards the model chooses, or the loop would never end. */
  toolChoice?: LoopToolChoice | undefined;
  maxSteps?: number | undefined;
  /**
   * Asked after each step that called tools, when they have answered, with all steps so far: true ends the loop. Its calls of the caller's
   * own tools wait for nothing then.
   */
  stopWhen?: ((steps: readonly StepSoFar[]) => boolean) | undefined;
  /** What holds for one step, counted from 1, in place of `tools` and `toolChoice`; undefined: nothing else. */
  rule?: ((step: number) => StepRule | undefined) | undefined;
  output?: LoopOutput | undefined;
  /**
   * How a form other than text is asked for: `native` names the schema to the vendor's API, `prompted` puts it into the
   * instructions, for models that may not know it (their servers answer 400 to it). Checked here in both cases.
   */
  structuredOutput?: 'native' | 'prompted' | undefined;
  /** What a model said is passed through it before it goes back to the model with the next step. */
  again?: ((said: unknown) => Promise<unknown>) | undefined;
  temperature?: number | undefined;
  maxOutputTokens?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Looks for further secrets than the endpoint's own; by default for those alone. */
  scrubber?: Scrubber | undefined;
}

export interface LoopToolCall {
  toolCallId: string;
  name: string;
  input: unknown;
  output: unknown;
  error: string | null;
}

export interface LoopStep {
  /** From 1. */
  step: number;
  text: string;
  toolCalls: LoopToolCall[];
  finishReason: string;
  usage: LoopUsage;
  upstreamRequestId: string | null;
}

/** What a condition to stop may judge a step by. */
export interface StepSoFar {
  text: string;
  /** Names of the tools that it called: malformed calls and those that failed are none. */
  calls: readonly string[];
  usage: LoopUsage;
}

/** What holds for a step. */
export interface StepRule {
  toolChoice?: LoopToolChoice | undefined;
  /** Names of the tools that the model may call; all without it. */
  tools?: readonly string[] | undefined;
}

/** `client_tools`: the model called tools that only the caller can run. `stopped`: by `stopWhen`. */
export type LoopEnd = 'model' | 'max_steps' | 'client_tools' | 'stopped';

export type LoopEvent =
  | { type: 'step.started'; step: number }
  | { type: 'text.delta'; step: number; delta: string }
  | { type: 'tool.call'; step: number; toolCallId: string; name: string; input: unknown }
  | {
      type: 'tool.result';
      step: number;
      toolCallId: string;
      name: string;
      output: unknown;
      error: string | null;
    }
  /** `model`: the one that the vendor says it was. */
  | ({ type: 'step.finished'; model: string | null } & LoopStep)
  | {
      type: 'finished';
      /** The last step's text. */
      text: string;
      /** The text itself, or the value that `output` asked for. */
      output: unknown;
      end: LoopEnd;
      finishReason: string;
      steps: LoopStep[];
      usage: LoopUsage;
      /** Calls of the caller's own tools that wait for their output. */
      pendingToolCalls: LoopToolCall[];
    };
