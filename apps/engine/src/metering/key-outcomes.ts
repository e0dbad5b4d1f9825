import type { UsageEntry } from './usage-entry.js';

/** What a batch of calls says about one key. */
export interface KeyOutcome {
  aiProviderId: string;
  lastUsedAt: Date;
  /** Whether some call of the batch was not refused: the count of refusals in a row starts anew. */
  reset: boolean;
  /** Refusals after the last call that was not one. */
  refusals: number;
}

/** What a batch says about each key that it used, in the order of the calls. Aborted calls say nothing about the key's acceptance. */
export function keyOutcomes(entries: readonly UsageEntry[]): KeyOutcome[] {
  const byKey = new Map<string, KeyOutcome>();
  for (const { aiProviderId, at, outcome } of entries) {
    const known = byKey.get(aiProviderId) ?? { aiProviderId, lastUsedAt: at, reset: false, refusals: 0 };
    if (at > known.lastUsedAt) known.lastUsedAt = at;
    if (outcome === 'refused') known.refusals += 1;
    if (outcome === 'ok') Object.assign(known, { reset: true, refusals: 0 });
    byKey.set(aiProviderId, known);
  }
  return [...byKey.values()];
}
