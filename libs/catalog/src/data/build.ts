import type { Capability, ModelCapabilities, ModelLifecycle, ModelPrice, PriceFigures } from '#lib/contracts';
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
    enabled: true,
    isOperatorMade: false,
    ...record,
  };
}

type Dollars = [input: number, output: number, cachedInput?: number];

interface ModelFacts {
  /** Dollars per million tokens: input, output, cached input. */
  usd?: Dollars;
  /** Where a vendor charges more for long prompts: above how many input tokens, and what all tokens of such a call cost. */
  usdAbove?: Record<number, Dollars>;
  context?: number;
  bestFor?: string;
  lifecycle?: ModelLifecycle;
  replacement?: string;
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
    price: facts.usd ? price(facts.usd, facts.usdAbove) : null,
    lifecycle: facts.lifecycle ?? 'active',
    replacement: facts.replacement ?? null,
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

function price(base: Dollars, above: Record<number, Dollars> = {}): ModelPrice {
  const tiers = Object.entries(above).map(([bound, usd]) => ({
    aboveInputTokens: Number(bound),
    ...figures(usd),
  }));
  return { ...figures(base), ...(tiers.length > 0 && { tiers }), asOf: AS_OF };
}

function figures([input, output, cached]: Dollars): PriceFigures {
  return {
    inputMicroUsdPerMTok: micro(input),
    outputMicroUsdPerMTok: micro(output),
    cachedInputMicroUsdPerMTok: cached === undefined ? null : micro(cached),
  };
}

function micro(usd: number): number {
  return Math.round(usd * 1_000_000);
}
