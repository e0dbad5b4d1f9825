import { setTimeout as delay } from 'node:timers/promises';
import { toUuid } from '#lib/kernel';
import type { Stage } from './stage.js';
import type { Tenant } from './tenants.js';

export const SECRETS = {
  openai: 'sk-compatible-openai-0123456789abcdef',
  anthropic: 'sk-ant-compatible-0123456789abcdef',
  google: 'AIzaCompatible0123456789abcdefABCDEF',
};

/** A tenant with a workspace token and a key of each of the three protocols. */
export async function applicationOf(stage: Stage, plan = 'unlimited') {
  const tenant = await stage.tenants.create(plan);
  const { token, tokenId } = await stage.tenants.token(
    tenant.orgId,
    tenant.owner,
    'workspace',
    tenant.workspaceId,
  );
  const { baseUrls } = stage.upstream;
  const keys = {
    openai: await stage.tenants.key(tenant, {
      ...{ provider: 'openai', secret: SECRETS.openai, baseUrl: baseUrls.openai },
    }),
    anthropic: await stage.tenants.key(tenant, {
      ...{ provider: 'anthropic', secret: SECRETS.anthropic, baseUrl: baseUrls.anthropic },
    }),
    google: await stage.tenants.key(tenant, {
      ...{ provider: 'google', secret: SECRETS.google, baseUrl: baseUrls.gemini },
    }),
  };
  return { tenant, token, tokenId, keys };
}

/** Rows of this tenant, when there are `count` of them. */
export async function usageRows(
  stage: Stage,
  { orgId }: Tenant,
  count: number,
): Promise<Record<string, unknown>[]> {
  for (let waited = 0; waited < 5_000; waited += 50) {
    const { rows } = await stage.db.query<Record<string, unknown>>(
      'SELECT * FROM usage_records WHERE org_id = $1 ORDER BY created_at, id',
      [toUuid(orgId)],
    );
    if (rows.length >= count) return rows;
    await delay(50);
  }
  throw new Error(`fewer than ${count} receipts`);
}
