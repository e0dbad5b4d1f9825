/** The limits of a plan by their public names (PRODUCT #41); null means unlimited. */
export interface PlanLimits {
  keys: number | null;
  workspaces: number | null;
  /** Beside the owner. */
  members: number | null;
  /** By the calendar month, UTC. */
  executionsPerMonth: number | null;
  mcpServers: number | null;
  /** How many days (UTC, today included) of runs and receipts may be read. */
  historyDays: number | null;
  /** The models that may be used, as `provider/model` with `*` for any run of characters; null: all. */
  models: string[] | null;
}

export const NO_LIMITS: PlanLimits = {
  keys: null,
  workspaces: null,
  members: null,
  executionsPerMonth: null,
  mcpServers: null,
  historyDays: null,
  models: null,
};

/** The limits as a plan's row has them: one that is absent is none. */
export function planLimitsOf(json: unknown): PlanLimits {
  const row = typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
  const count = (name: keyof PlanLimits): number | null => {
    const value = row[name];
    return typeof value === 'number' ? value : null;
  };
  const { models } = row;
  return {
    keys: count('keys'),
    workspaces: count('workspaces'),
    members: count('members'),
    executionsPerMonth: count('executionsPerMonth'),
    mcpServers: count('mcpServers'),
    historyDays: count('historyDays'),
    models: Array.isArray(models) ? models.filter((glob) => typeof glob === 'string') : null,
  };
}

/** Whether a plan lets an organization use this model of this provider. */
export function planAllowsModel(
  { models }: Pick<PlanLimits, 'models'>,
  provider: string,
  model: string,
): boolean {
  return models === null || models.some((glob) => matches(glob, `${provider}/${model}`));
}

/** Without a regular expression: what an operator writes can't make matching slow. */
function matches(glob: string, text: string): boolean {
  const [head = '', ...rest] = glob.split('*');
  if (!text.startsWith(head)) return false;
  const tail = rest.pop();
  if (tail === undefined) return text === head;
  let at = head.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - tail.length >= at && text.endsWith(tail);
}
