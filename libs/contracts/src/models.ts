import type { ErrorCode } from './error-codes.js';

export type Capability = 'yes' | 'no' | 'depends' | 'unknown';

export interface ModelCapabilities {
  tools: Capability;
  streaming: Capability;
  structuredOutput: Capability;
  vision: Capability;
}

/** Integer micro-USD per million tokens; null where unknown. */
export interface ModelPrice {
  inputMicroUsdPerMTok: number;
  outputMicroUsdPerMTok: number;
  cachedInputMicroUsdPerMTok: number | null;
  /** The day (YYYY-MM-DD) that these figures were taken from their source. */
  asOf: string;
}

export type ModelLifecycle = 'active' | 'preview' | 'legacy' | 'deprecated';

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
}

/** A model that the workspace may not use, and the gate that says so. */
export interface UnavailableModel {
  id: string;
  provider: string;
  code: ErrorCode;
  detail: string;
}

export interface ModelList {
  data: AvailableModel[];
  unavailable: UnavailableModel[];
}
