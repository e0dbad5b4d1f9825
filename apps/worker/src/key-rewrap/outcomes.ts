import { KmsError } from '#lib/kms';
import type { WrappedVersion } from '#lib/persistence';

/** What came of the rows of one batch. */
export interface BatchOutcome {
  rewrapped: number;
  /** Left alone: rotated or shredded by somebody else meanwhile. */
  changed: number;
  /** Damaged rows: their data key is not what was sealed. Nothing that this process does can mend them. */
  damaged: WrappedVersion[];
  /** Master keys that are disabled or gone, so that nothing more under them can be moved. */
  gone: Set<string>;
  /** The KMS is down, throttles or refuses us: no use in asking for more now. */
  trouble: unknown;
}

/** Sorts the results of a batch: what one row or one key can't do must not hold up the others. */
export function sortOutcomes(
  rows: readonly WrappedVersion[],
  results: readonly PromiseSettledResult<'rewrapped' | 'current' | 'changed'>[],
): BatchOutcome {
  const outcome: BatchOutcome = {
    rewrapped: 0,
    changed: 0,
    damaged: [],
    gone: new Set(),
    trouble: undefined,
  };
  for (const [at, result] of results.entries()) {
    const row = rows[at];
    if (!row) continue;
    if (result.status === 'fulfilled') {
      if (result.value === 'rewrapped') outcome.rewrapped += 1;
      else outcome.changed += 1;
      continue;
    }
    const kind = result.reason instanceof KmsError ? result.reason.kind : undefined;
    if (kind === 'tampered') outcome.damaged.push(row);
    else if (kind === 'key_gone') outcome.gone.add(row.kmsRef);
    else outcome.trouble ??= result.reason;
  }
  return outcome;
}
