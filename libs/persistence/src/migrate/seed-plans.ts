import type { PlanLimits } from '#lib/contracts';
import type { Client } from 'pg';

const NONE: PlanLimits = { keys: null, workspaces: null, members: null, executionsPerMonth: null };

/** The plans that every deployment has (API.md). Members are counted beside the owner. */
const BUILT_IN_PLANS: Record<string, PlanLimits> = {
  free: { keys: 3, workspaces: 2, members: 5, executionsPerMonth: 1_000 },
  team: { keys: 25, workspaces: 10, members: 50, executionsPerMonth: 100_000 },
  unlimited: NONE,
};

/** Writes the plans: the built-in ones as changed by `changes`, and those that `changes` adds. */
export async function seedPlans(client: Client, changes: Record<string, Partial<PlanLimits>>): Promise<void> {
  const slugs = new Set([...Object.keys(BUILT_IN_PLANS), ...Object.keys(changes)]);
  for (const slug of slugs) {
    const limits = { ...NONE, ...BUILT_IN_PLANS[slug], ...changes[slug] };
    await client.query(
      `INSERT INTO plans (slug, limits) VALUES ($1, $2)
       ON CONFLICT (slug) DO UPDATE SET limits = excluded.limits, updated_at = now()
       WHERE plans.limits <> excluded.limits`,
      [slug, limits],
    );
  }
}
