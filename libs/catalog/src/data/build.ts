import type { Capability, ModelCapabilities, ModelLifecycle, ModelPrice } from '#lib/contracts';
import type { CredentialShape, ModelRecord, ProviderRecord } from '../types.js';

/** The day that prices and context windows were taken from the `@pydantic/genai-prices` 0.1.8 data. */
export const AS_OF = '2026-11-21';

type Fixed = 'slug' | 'name' | 'protocol' | 'baseUrl' | 'credential' | 'defaultModel';

/** A provider with the values that most of them share filled in. */
export function provider(record: Pick<ProviderRecord, Fixed> & Partial<ProviderRecord>): ProviderRecord {
  return {
    protocolChoices: [],
    acceptsBaseUrl: true,
    versionPath: record.baseUrl ? new URL(record.baseUrl).pathname : null,
    callPath: '',
    surfaces: {},
    openModels: false,
    supportsTools: 'yes',
    supportsStreaming: true,
    keyPrefixes: [],
    consoleUrl: null,
    ...record,
  };
}

interface ModelFacts {
  /** Dollars per million tokens: input, output, cached input. Where a vendor charges more for long prompts: the base price. */
  usd?: [input: number, output: number, cachedInput?: number];
  context?: number;
  bestFor?: string;
  lifecycle?: ModelLifecycle;
  capabilities?: Partial<ModelCapabilities>;
}

/** A model of `slug`; all four capabilities are `yes` unless said otherwise. */
export function model(slug: string, id: string, name: string, facts: ModelFacts): ModelRecord {
  return {
    id,
    provider: slug,
    name,
    bestFor: facts.bestFor ?? null,
    contextWindow: facts.context ?? null,
    capabilities: { ...every('yes'), ...facts.capabilities },
    price: facts.usd ? price(facts.usd) : null,
    lifecycle: facts.lifecycle ?? 'active',
  };
}

/** Capabilities that are all the same. */
export function every(value: Capability): ModelCapabilities {
  return { tools: value, streaming: value, structuredOutput: value, vision: value };
}

/** One string in one header. */
export function keyIn(header: string): CredentialShape {
  const fields = [{ name: 'secret', label: 'API key', required: true }];
  return { kind: 'key', required: true, header, fields };
}

function price([input, output, cached]: [number, number, number?]): ModelPrice {
  return {
    inputMicroUsdPerMTok: micro(input),
    outputMicroUsdPerMTok: micro(output),
    cachedInputMicroUsdPerMTok: cached === undefined ? null : micro(cached),
    asOf: AS_OF,
  };
}

function micro(usd: number): number {
  return Math.round(usd * 1_000_000);
}
