import { createToken, revokeToken, type NewToken } from './people';
import { createPolicy } from './policies';
import { createQuota } from './quotas';
import type { CreatedToken } from './types';

/** What a token may be used for, beside its rate limits. */
export interface TokenBounds {
  /** Slugs; none: all. */
  providers: string[];
  /** Ids, or beginnings of ids with a star; none: all. */
  models: string[];
  /** What it may spend in a month; undefined: there is no end. */
  budgetMicroUsd?: number;
}

const THRESHOLDS = [50, 80, 100];

/**
 * A token with a policy and a budget of its own. Where one of them can't be made the token is revoked before anybody has seen it:
 * nobody holds one that may do more than was meant.
 */
export async function createBoundToken(token: NewToken, bounds: TokenBounds): Promise<CreatedToken> {
  const created = await createToken(token);
  try {
    await bind(created, bounds);
    return created;
  } catch (error) {
    await revokeToken(created.id).catch(() => undefined);
    throw error;
  }
}

async function bind(
  { id, name }: CreatedToken,
  { providers, models, budgetMicroUsd }: TokenBounds,
): Promise<void> {
  const scope = { type: 'token' as const, id };
  // Names are unique in an organization, and two tokens may have one name.
  const own = `${name.slice(0, 60)} (${id.slice(-6)})`;
  const rules = [
    ...(providers.length > 0 ? [{ type: 'providers' as const, allow: providers }] : []),
    ...(models.length > 0 ? [{ type: 'models' as const, allow: models }] : []),
  ];
  if (rules.length > 0) {
    const description = 'What the token may be used for, as it was made.';
    await createPolicy({
      name: `Token ${own}`,
      description,
      scope,
      severity: 'HIGH',
      enabled: true,
      rules,
    });
  }
  if (budgetMicroUsd === undefined) return;
  await createQuota({
    ...{ name: `Token ${own}`, scope, metric: 'cost_micro_usd', window: 'month' },
    ...{ max: budgetMicroUsd, mode: 'enforce', thresholds: THRESHOLDS },
  });
}
