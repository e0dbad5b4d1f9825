import type { ModelPrice } from './models.js';

/** What a quota covers: the calls of the whole organization, into one workspace, by one token, or with one key (PRODUCT #45). */
export const QUOTA_SCOPES = ['organization', 'workspace', 'token', 'key'] as const;
export type QuotaScopeType = (typeof QUOTA_SCOPES)[number];

export const QUOTA_METRICS = [
  'runs',
  'input_tokens',
  'output_tokens',
  'total_tokens',
  'cost_micro_usd',
] as const;
export type QuotaMetric = (typeof QUOTA_METRICS)[number];

/** Windows of the calendar, in UTC. */
export const QUOTA_WINDOWS = ['minute', 'hour', 'day', 'month'] as const;
export type QuotaWindow = (typeof QUOTA_WINDOWS)[number];

/** `monitor` counts and tells, and refuses nothing. */
export const QUOTA_MODES = ['enforce', 'monitor'] as const;
export type QuotaMode = (typeof QUOTA_MODES)[number];

export type QuotaScope =
  | { type: 'organization' }
  | { type: 'workspace'; id: string }
  | { type: 'token'; id: string }
  | { type: 'key'; id: string };

/** A quota as a state has it: what it covers is decided, but for the key, which is chosen later. */
export interface StateQuota {
  /** `quo_…` */
  id: string;
  name: string;
  scope: QuotaScope;
  metric: QuotaMetric;
  window: QuotaWindow;
  max: number;
  mode: QuotaMode;
}

/** What an organization pays for a model now, where that is not the list price. */
export interface StatePriceOverride extends Omit<ModelPrice, 'source'> {
  provider: string;
  model: string;
}

/** What is left of one quota in the window that is now. */
export interface QuotaRoom extends QuotaFigures {
  quotaId: string;
  scope: QuotaScopeType;
  metric: QuotaMetric;
  window: QuotaWindow;
  mode: QuotaMode;
  /** Whether anything is left. */
  hasRoom: boolean;
  /** The start of the next window. */
  resetsAt: string;
}

/** All that is left of a quota: for the gates, and for those who may read it. */
export type KnownQuotaRoom = QuotaRoom & {
  [Figure in keyof QuotaFigures]: NonNullable<QuotaFigures[Figure]>;
};

/** What of a quota is for those who may read it; null for the others. */
export interface QuotaFigures {
  name: string | null;
  /** `ws_…`, `tok_…`, `aip_…`; of the organization its own id. */
  scopeId: string | null;
  max: number | null;
  /** Of runs that are over. */
  used: number | null;
  /** What runs under way may use at most. */
  reserved: number | null;
  left: number | null;
}
