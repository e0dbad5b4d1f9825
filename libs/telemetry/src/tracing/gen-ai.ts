import { safeText } from '../log-fields.js';
import type { NewSpan, TraceParent } from './tracing.js';

/**
 * Spans in the words of OpenTelemetry's conventions for generative AI (https://opentelemetry.io/docs/specs/semconv/gen-ai/, 1.41).
 * Nothing that was said is an attribute, and neither is an organization, a workspace, a person or a key: the collector is the
 * operator's, and what is in it is no tenant's to be told of.
 */
export interface CallFacts {
  /** The catalogue's slug. */
  provider: string;
  /** As it goes upstream. */
  model: string;
  runId: string;
  parent: TraceParent | undefined;
}

export type ModelOperation = 'chat' | 'embeddings' | 'generate_content';

/** What a call used, as its vendor counts. */
export interface SpanUsage {
  inputTokens: number;
  outputTokens: number;
  cachedInputTokens: number;
  reasoningTokens: number;
}

/** Well-known values of `gen_ai.provider.name`; any other provider is called by its slug. */
const PROVIDER_NAMES: Readonly<Record<string, string>> = {
  google: 'gcp.gemini',
  vertex: 'gcp.vertex_ai',
  azure: 'azure.ai.openai',
  bedrock: 'aws.bedrock',
  mistral: 'mistral_ai',
  xai: 'x_ai',
};

/** One request to a vendor, whatever it is repeated for. A caller may write a key where a model's name belongs. */
export function modelCallSpan(operation: ModelOperation, facts: CallFacts): NewSpan {
  const name = `${operation} ${safeText(facts.model)}`;
  return { name, kind: 'client', parent: facts.parent, attributes: attributesOf(operation, facts) };
}

/** A run of an agent: the calls of its model and of its tools are below it. */
export function agentSpan(facts: CallFacts): NewSpan {
  const operation = 'invoke_agent';
  return {
    name: operation,
    kind: 'internal',
    parent: facts.parent,
    attributes: attributesOf(operation, facts),
  };
}

/** A call of a tool that the engine makes for a model. */
export function toolSpan(
  tool: { name: string; callId: string },
  { runId, parent }: Pick<CallFacts, 'runId' | 'parent'>,
): NewSpan {
  const [operation, name] = ['execute_tool', safeText(tool.name)];
  return {
    name: `${operation} ${name}`,
    kind: 'internal',
    parent,
    attributes: {
      'gen_ai.operation.name': operation,
      'gen_ai.tool.name': name,
      'gen_ai.tool.call.id': safeText(tool.callId),
      'gen_ai.tool.type': 'extension',
      'claviger.run.id': runId,
    },
  };
}

export function usageAttributes(usage: SpanUsage): Record<string, number> {
  const { inputTokens, outputTokens, cachedInputTokens, reasoningTokens } = usage;
  return {
    'gen_ai.usage.input_tokens': inputTokens,
    'gen_ai.usage.output_tokens': outputTokens,
    ...(cachedInputTokens > 0 && { 'gen_ai.usage.cache_read.input_tokens': cachedInputTokens }),
    ...(reasoningTokens > 0 && { 'gen_ai.usage.reasoning.output_tokens': reasoningTokens }),
  };
}

/** What a vendor says of an answer beside what it used. */
export function answerAttributes(model: string | null, finishReason: string | null) {
  return {
    ...(model !== null && { 'gen_ai.response.model': safeText(model) }),
    ...(finishReason !== null && { 'gen_ai.response.finish_reasons': [finishReason] }),
  };
}

function attributesOf(operation: string, { provider, model, runId }: CallFacts): NewSpan['attributes'] {
  return {
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': PROVIDER_NAMES[provider] ?? provider,
    'gen_ai.request.model': safeText(model),
    'claviger.run.id': runId,
  };
}
