import { REFUSALS_UNTIL_FAILING, type ProviderKeyStatus, type TestStatus } from '#lib/contracts';

/** The facts that decide a key's status. */
export interface StatusFacts {
  enabled: boolean;
  hasSecret: boolean;
  /** Whether keys of this provider need a secret: a local Ollama's do not. */
  needsSecret: boolean;
  lastTestStatus: TestStatus | null;
  lastTestedAt: Date | null;
  refusedInARow: number;
  /** When a call last succeeded: what a test before that found is over. */
  lastOkAt: Date | null;
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
  const refused = facts.lastTestStatus !== null && facts.lastTestStatus !== 'ok' && !isOver(facts);
  const expired = facts.expiresAt !== null && facts.expiresAt <= now;
  if (expired || refused || facts.refusedInARow >= REFUSALS_UNTIL_FAILING) return 'failing';
  return 'configured';
}

/** Whether a call has succeeded since the last test. */
function isOver({ lastOkAt, lastTestedAt }: StatusFacts): boolean {
  return lastOkAt !== null && lastTestedAt !== null && lastOkAt > lastTestedAt;
}

const BEST_FIRST = ['configured', 'failing', 'unconfigured', 'disabled'] as const;

/** The status of a provider in an organization: disabled when its gate is off, else that of its best key. */
export function providerStatus(orgEnabled: boolean, keys: readonly ProviderKeyStatus[]): ProviderKeyStatus {
  if (!orgEnabled) return 'disabled';
  return BEST_FIRST.find((status) => keys.includes(status)) ?? 'unconfigured';
}
