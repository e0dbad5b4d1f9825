import type { ProviderKeyStatus, TestStatus } from '#lib/contracts';

/** From how many refused calls in a row on a key counts as failing. */
const REFUSALS_UNTIL_FAILING = 3;

/** The facts that decide a key's status. */
export interface StatusFacts {
  enabled: boolean;
  hasSecret: boolean;
  /** Whether keys of this provider need a secret: a local Ollama's do not. */
  needsSecret: boolean;
  lastTestStatus: TestStatus | null;
  refusedInARow: number;
  /** From when on its calls are refused; null: they are not by time. */
  expiresAt: Date | null;
}

/**
 * The status of a key: disabled > unconfigured > failing > configured (PRODUCT #20). `failing` is advisory: such a key is still used,
 * but for one that has expired, whose every call is refused: the list of statuses is closed, and this is the one that calls for a hand.
 */
export function keyStatus(facts: StatusFacts, now: Date): ProviderKeyStatus {
  if (!facts.enabled) return 'disabled';
  if (facts.needsSecret && !facts.hasSecret) return 'unconfigured';
  const refused = facts.lastTestStatus !== null && facts.lastTestStatus !== 'ok';
  const expired = facts.expiresAt !== null && facts.expiresAt <= now;
  if (expired || refused || facts.refusedInARow >= REFUSALS_UNTIL_FAILING) return 'failing';
  return 'configured';
}

const BEST_FIRST = ['configured', 'failing', 'unconfigured', 'disabled'] as const;

/** The status of a provider in an organization: disabled when its gate is off, else that of its best key. */
export function providerStatus(orgEnabled: boolean, keys: readonly ProviderKeyStatus[]): ProviderKeyStatus {
  if (!orgEnabled) return 'disabled';
  return BEST_FIRST.find((status) => keys.includes(status)) ?? 'unconfigured';
}
