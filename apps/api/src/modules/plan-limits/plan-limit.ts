import type { PlanLimits } from '#lib/contracts';

/** What a plan counts while it exists; members leave the owner out (PRODUCT, decision 8). */
export type CountedResource = 'keys' | 'workspaces' | 'members';
export const COUNTED: readonly CountedResource[] = ['keys', 'workspaces', 'members'];

/** What is counted as it is made and deleted; of MCP servers nothing becomes read-only when a plan gets smaller. */
export type ClaimedResource = CountedResource | 'mcpServers';

const NAMES: Record<ClaimedResource, { one: string; many: string }> = {
  keys: { one: 'provider key', many: 'provider keys' },
  workspaces: { one: 'workspace', many: 'workspaces' },
  members: { one: 'member beside the owner', many: 'members beside the owner' },
  mcpServers: { one: 'MCP server', many: 'MCP servers' },
};

/** `3 provider keys`, `1 workspace`. */
export function countOf(resource: ClaimedResource, count: number): string {
  return `${count} ${count === 1 ? NAMES[resource].one : NAMES[resource].many}`;
}

/** Who can raise the limits of a plan, and how. Plans are the platform's: no org role can change its own. */
export function howToRaise(plan: string, orgId: string): string {
  return (
    `Ask the operator of this Claviger installation to give your organization (${orgId}) a larger plan than "${plan}": ` +
    'PUT /api/v1/platform/orgs/:id/plan with the operator token.'
  );
}

/** What an OWNER does about a limit that is reached or exceeded; null while there is room. */
export function whatToDo(
  resource: CountedResource,
  max: number | null,
  used: number,
  readOnly: number,
): string | null {
  if (max === null || used < max) return null;
  if (readOnly === 0)
    return 'The limit is reached: the next one is refused. Remove one that is no longer needed, or raise the limit.';
  const them = readOnly === 1 ? 'it' : 'them';
  return (
    `The newest ${countOf(resource, readOnly)} ${readOnly === 1 ? 'is' : 'are'} read-only: nothing was deleted, and a larger ` +
    `plan brings ${them} back at once. Remove what is no longer needed, or raise the limit.`
  );
}

/** The counter of the month that `now` lies in (UTC). */
export function executionsCounter(now: Date): string {
  return `executions:${now.toISOString().slice(0, 7)}`;
}

/** How much of each limit is in use; `historyDays` and `models` are not used up. */
export type PlanUse = Record<Exclude<keyof PlanLimits, 'historyDays' | 'models'>, number>;
