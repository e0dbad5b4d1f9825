import type { ErrorCode } from './error-codes.js';

export type Capability = 'yes' | 'no' | 'depends' | 'unknown';

export interface ModelCapabilities {
  tools: Capability;
  streaming: Capability;
  structuredOutput: Capability;
  vision: Capability;
}

/** Of the name of a surface that a call or a question about one says, in characters. */
export const MAX_SURFACE_LENGTH = 100;

/** Integer micro-USD per million tokens; null: cached input costs what other input does. */
export interface PriceFigures {
  inputMicroUsdPerMTok: number;
  outputMicroUsdPerMTok: number;
  cachedInputMicroUsdPerMTok: number | null;
}

/** What all tokens of a call cost whose input, cached tokens included, is longer than this. */
export interface PriceTier extends PriceFigures {
  aboveInputTokens: number;
}

/** What a call costs; a model of unknown price has none. */
export interface ModelPrice extends PriceFigures {
  /** For long prompts; of those that apply the one with the highest bound holds. */
  tiers?: PriceTier[];
  /** The day (YYYY-MM-DD) that these figures were taken from their source. */
  asOf: string;
  /** `override`: the organization's own price book. Left out: the catalogue. */
  source?: 'catalogue' | 'override';
}

/** `deprecated` still works and names a replacement; `retired` is refused by name. */
export const MODEL_LIFECYCLES = ['active', 'preview', 'legacy', 'deprecated', 'retired'] as const;
export type ModelLifecycle = (typeof MODEL_LIFECYCLES)[number];

/** A model that a workspace may use, with the keys that serve it (PRODUCT #27). */
export interface AvailableModel {
  id: string;
  provider: string;
  aiProviderIds: string[];
  name: string;
  bestFor: string | null;
  contextWindow: number | null;
  capabilities: ModelCapabilities;
  price: ModelPrice | null;
  lifecycle: ModelLifecycle;
  /** The model to move to, of the same provider; null while there is no need. */
  replacement: string | null;
}

/** A model that the workspace may not use, and the gate that says so. */
export interface UnavailableModel {
  id: string;
  provider: string;
  code: ErrorCode;
  detail: string;
}

/** A name that an organization gives to a list of models: it stands for the first one that a workspace may use. */
export interface ModelAlias {
  name: string;
  /** `ws_…` of the one workspace that it is for (there it wins over the organization's of this name), or null. */
  workspaceId: string | null;
  /** Model ids or `@slug/model`, in order of preference. */
  models: string[];
}

/** What an alias stands for in a workspace now, or why for nothing. */
export interface ListedAlias {
  name: string;
  models: string[];
  model: string | null;
  provider: string | null;
  code: ErrorCode | null;
  detail: string | null;
}

export interface ModelList {
  data: AvailableModel[];
  unavailable: UnavailableModel[];
  aliases: ListedAlias[];
}
