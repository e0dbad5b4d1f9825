import { Injectable } from '@nestjs/common';
import type { RateLimits } from '#lib/contracts';
import { PgPool, type TenantTx } from '#lib/persistence';

/** The operator's rate limits, which belong to no tenant. */
@Injectable()
export class ProviderLimitsRepository {
  constructor(private readonly pool: PgPool) {}

  async list(): Promise<{ provider: string; limits: RateLimits }[]> {
    const { rows } = await this.pool.query<{ provider: string; limits: RateLimits }>(
      'SELECT provider, limits FROM platform_provider_limits ORDER BY provider',
    );
    return rows;
  }

  /** As the transaction of the change sees them. */
  async get(tx: TenantTx, provider: string): Promise<RateLimits> {
    const rows = await tx.$queryRaw<{ limits: RateLimits }[]>`
      SELECT limits FROM platform_provider_limits WHERE provider = ${provider}`;
    return rows[0]?.limits ?? {};
  }

  /** No limits at all: no row. */
  async set(tx: TenantTx, provider: string, limits: RateLimits): Promise<void> {
    if (Object.keys(limits).length === 0) {
      await tx.$executeRaw`DELETE FROM platform_provider_limits WHERE provider = ${provider}`;
      return;
    }
    await tx.$executeRaw`
      INSERT INTO platform_provider_limits (provider, limits) VALUES (${provider}, ${JSON.stringify(limits)}::jsonb)
      ON CONFLICT (provider) DO UPDATE SET limits = excluded.limits, updated_at = now()`;
  }
}
