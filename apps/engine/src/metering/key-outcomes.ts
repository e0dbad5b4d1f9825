import { keptMessage, REFUSALS_UNTIL_FAILING, type KeyHealthEvent } from '#lib/contracts';
import type { UsageEntry } from './usage-entry.js';

/** Of one batch: a vendor that refuses thousands of calls a second is told of in a few lines. */
const MOST_EVENTS = 10;

/** What a batch of calls does to one key. */
export interface KeyOutcome {
  aiProviderId: string;
  lastUsedAt: Date;
  lastOkAt: Date | null;
  refusedInARow: number;
  /** What its health history gets, oldest first. */
  events: KeyHealthEvent[];
  /** When it turned failing for the last time in this batch, and still is; else null. */
  turnedFailingAt: Date | null;
}

/** The batch's calls by key, keys in the order of their ids. */
export function byKey(entries: readonly UsageEntry[]): Map<string, UsageEntry[]> {
  const ids = [...new Set(entries.map(({ aiProviderId }) => aiProviderId))].sort();
  return new Map(ids.map((id) => [id, entries.filter(({ aiProviderId }) => aiProviderId === id)]));
}

/**
 * What calls with one key, in their order, make of its state before them (`refusedInARow`). Aborted calls say nothing about the
 * key's acceptance, and a failure of another kind neither counts as a refusal nor ends a row of them.
 */
export function keyOutcome(
  aiProviderId: string,
  refusedBefore: number,
  calls: readonly UsageEntry[],
): KeyOutcome {
  const all: KeyHealthEvent[] = [];
  const result: KeyOutcome = {
    aiProviderId,
    lastUsedAt: new Date(Math.max(...calls.map(({ at }) => at.getTime()))),
    lastOkAt: null,
    refusedInARow: refusedBefore,
    events: [],
    turnedFailingAt: null,
  };
  for (const { outcome, at, runId, fault } of calls) {
    if (outcome === 'aborted') continue;
    const wasRefused = result.refusedInARow > 0;
    if (outcome === 'ok') Object.assign(result, { refusedInARow: 0, lastOkAt: at, turnedFailingAt: null });
    if (outcome === 'refused') result.refusedInARow += 1;
    if (outcome === 'refused' && result.refusedInARow === REFUSALS_UNTIL_FAILING) result.turnedFailingAt = at;
    if (outcome === 'ok' && !wasRefused) continue;
    const message = keptMessage(outcome, fault?.message ?? null);
    const { refusedInARow } = result;
    all.push({ at, source: 'run', outcome, code: fault?.code ?? null, message, runId, refusedInARow });
  }
  return { ...result, events: all.slice(-MOST_EVENTS) };
}
