import { NO_LIMITS, PLATFORM_ORG, type PlanLimits } from '#lib/contracts';
import { newId, newUuid, toUuid } from '#lib/kernel';
import type { Client } from 'pg';

/** The plans that every deployment has (API.md). Members are counted beside the owner. */
const BUILT_IN_PLANS: Record<string, Partial<PlanLimits>> = {
  free: { keys: 3, workspaces: 2, members: 5, executionsPerMonth: 1_000 },
  team: { keys: 25, workspaces: 10, members: 50, executionsPerMonth: 100_000 },
  unlimited: {},
};

/**
 * Writes the plans: the built-in ones as changed by `changes`, and those that `changes` adds. After the first time each change is
 * an entry of the platform's audit chain, in the caller's transaction.
 */
export async function seedPlans(client: Client, changes: Record<string, Partial<PlanLimits>>): Promise<void> {
  const { rows } = await client.query<{ slug: string; limits: unknown }>('SELECT slug, limits FROM plans');
  const before = new Map(rows.map(({ slug, limits }) => [slug, limits]));
  const slugs = new Set([...Object.keys(BUILT_IN_PLANS), ...Object.keys(changes)]);
  for (const slug of slugs) {
    const limits = { ...NO_LIMITS, ...BUILT_IN_PLANS[slug], ...changes[slug] };
    const { rowCount } = await client.query(
      `INSERT INTO plans (slug, limits) VALUES ($1, $2)
       ON CONFLICT (slug) DO UPDATE SET limits = excluded.limits, updated_at = now()
       WHERE plans.limits <> excluded.limits`,
      [slug, limits],
    );
    if (before.size > 0 && rowCount) await record(client, slug, [before.get(slug) ?? null, limits]);
  }
}

/** Whoever starts the migration is nobody that could be named. */
async function record(
  client: Client,
  slug: string,
  limits: [before: unknown, after: unknown],
): Promise<void> {
  await client.query(`SELECT set_config('app.org_id', $1, true)`, [toUuid(PLATFORM_ORG)]);
  await client.query(
    `SELECT lookup.audit_append($1, 'system', 'platform:SetPlan', $2, $3, NULL, $4::jsonb)`,
    [newUuid(), slug, newId('req'), JSON.stringify({ limits })],
  );
}
