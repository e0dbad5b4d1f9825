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
}

/** The status of a key: disabled > unconfigured > failing > configured (PRODUCT #20). `failing` is advisory: still used. */
export function keyStatus(facts: StatusFacts): ProviderKeyStatus {
  if (!facts.enabled) return 'disabled';
  if (facts.needsSecret && !facts.hasSecret) return 'unconfigured';
  const refused = facts.lastTestStatus !== null && facts.lastTestStatus !== 'ok';
  if (refused || facts.refusedInARow >= REFUSALS_UNTIL_FAILING) return 'failing';
  return 'configured';
}

const BEST_FIRST = ['configured', 'failing', 'unconfigured', 'disabled'] as const;

/** The status of a provider in an organization: disabled when its gate is off, else that of its best key. */
export function providerStatus(orgEnabled: boolean, keys: readonly ProviderKeyStatus[]): ProviderKeyStatus {
  if (!orgEnabled) return 'disabled';
  return BEST_FIRST.find((status) => keys.includes(status)) ?? 'unconfigured';
}
