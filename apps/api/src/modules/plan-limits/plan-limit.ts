import type { PlanLimits } from '#lib/contracts';

/** What a plan counts while it exists; members leave the owner out (PRODUCT, decision 8). */
export type CountedResource = 'keys' | 'workspaces' | 'members';

const NAMES: Record<CountedResource, { one: string; many: string }> = {
  keys: { one: 'provider key', many: 'provider keys' },
  workspaces: { one: 'workspace', many: 'workspaces' },
  members: { one: 'member beside the owner', many: 'members beside the owner' },
};

/** `3 provider keys`, `1 workspace`. */
export function countOf(resource: CountedResource, count: number): string {
  return `${count} ${count === 1 ? NAMES[resource].one : NAMES[resource].many}`;
}

/** Who can raise the limits of a plan, and how. Plans are the platform's: no org role can change its own. */
export function howToRaise(plan: string, orgId: string): string {
  return (
    `Ask the operator of this Claviger installation to give your organization (${orgId}) a larger plan than "${plan}": ` +
    'PUT /api/v1/platform/orgs/:id/plan with the operator token.'
  );
}

/** The counter of the month that `now` lies in (UTC). */
export function executionsCounter(now: Date): string {
  return `executions:${now.toISOString().slice(0, 7)}`;
}

/** Reads the limits of a plan row. An absent or null limit means unlimited. */
export function limitsOf(json: unknown): PlanLimits {
  const limits = typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
  const read = (name: keyof PlanLimits): number | null => {
    const value = limits[name];
    return typeof value === 'number' ? value : null;
  };
  return {
    keys: read('keys'),
    workspaces: read('workspaces'),
    members: read('members'),
    executionsPerMonth: read('executionsPerMonth'),
  };
}
