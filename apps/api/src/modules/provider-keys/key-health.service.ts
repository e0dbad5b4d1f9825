import { Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import { TenantDb } from '#lib/persistence';
import { KeyHealthRepository } from './key-health.repository.js';
import { KeyRows } from './key-rows.js';
import type { KeyHealthDto } from './key-health.dto.js';

@Injectable()
export class KeyHealthService {
  constructor(
    private readonly db: TenantDb,
    private readonly rows: KeyRows,
    private readonly repository: KeyHealthRepository,
  ) {}

  /** What the key's vendor said to it lately (PRODUCT #20). Throws not_found. */
  async get({ orgId }: Principal, id: string): Promise<KeyHealthDto> {
    return this.db.withOrg(orgId, async (tx) => {
      const { refusedInARow, lastOkAt } = await this.rows.get(tx, orgId, id);
      const events = await this.repository.list(tx, orgId, id);
      return {
        refusedInARow,
        lastOkAt: lastOkAt?.toISOString() ?? null,
        data: events.map((event) => ({ ...event, at: event.at.toISOString() })),
      };
    });
  }
}
