import type { AgentRunAnswer, RunUsage } from '#lib/contracts';
import { sumUsage } from '../pipeline/cost.js';

/** What several runs used together. A run that used nothing has no cost that could be unknown. */
export function oneBill(runs: readonly (Pick<AgentRunAnswer, 'usage'> | null)[]): RunUsage {
  return sumUsage(runs.flatMap((run) => (run && run.usage.totalTokens > 0 ? [run.usage] : [])));
}
