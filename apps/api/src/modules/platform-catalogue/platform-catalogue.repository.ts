import { Injectable } from '@nestjs/common';
import type { CatalogueEdits, CatalogueRows, EditChanges } from '#lib/catalog';
import { loadCatalogue, PgPool, TenantDb } from '#lib/persistence';
import { changePlatform, recordAct, tellAll } from '../../common/platform-changes.js';

export interface CatalogueVersionRow {
  version: number;
  action: string;
  change: EditChanges;
  actor: string;
  requestId: string;
  ip: string | null;
  createdAt: Date;
}

export interface NewVersion {
  /** The version that the change was made on. */
  base: number;
  edits: CatalogueEdits;
  action: string;
  target: string;
  change: EditChanges;
  /** Slugs that the catalogue loses: no key may use them. */
  gone: string[];
  requestId: string;
  ip: string | null;
}

/** The platform tier belongs to no tenant. */
@Injectable()
export class PlatformCatalogueRepository {
  constructor(
    private readonly pool: PgPool,
    private readonly db: TenantDb,
  ) {}

  current(): Promise<CatalogueRows> {
    return loadCatalogue(this.pool);
  }

  async edits(version: number): Promise<CatalogueEdits | null> {
    const sql = 'SELECT edits FROM catalogue_versions WHERE version = $1';
    const { rows } = await this.pool.query<{ edits: CatalogueEdits }>(sql, [version]);
    return rows[0]?.edits ?? null;
  }

  /** The latest versions, newest first. */
  async versions(limit: number): Promise<CatalogueVersionRow[]> {
    const { rows } = await this.pool.query<CatalogueVersionRow & { version: string }>(
      `SELECT version, action, change, actor, request_id AS "requestId", ip, created_at AS "createdAt"
       FROM catalogue_versions ORDER BY version DESC LIMIT $1`,
      [limit],
    );
    return rows.map((row) => ({ ...row, version: Number(row.version) }));
  }

  /** How many keys, of how many organizations, belong to these providers. */
  async use(slugs: string[]): Promise<{ provider: string; keys: number; orgs: number }[]> {
    const sql = 'SELECT provider, keys, orgs FROM lookup.provider_use($1)';
    return (await this.pool.query<{ provider: string; keys: number; orgs: number }>(sql, [slugs])).rows;
  }

  /** Adds a version with its audit entry and tells the engines. Answers its number, `overtaken` or `in_use`; then nothing was written. */
  async save(version: NewVersion): Promise<number | 'overtaken' | 'in_use'> {
    return changePlatform(this.db, async (tx) => {
      const { base, edits, action, target, change, gone, requestId, ip } = version;
      const rows = await tx.$queryRaw<{ saved: bigint }[]>`
        SELECT lookup.save_catalogue(${base}::bigint, ${JSON.stringify(edits)}::jsonb, ${action},
          ${JSON.stringify(change)}::jsonb, ${gone}::text[], ${requestId}, ${ip}) AS saved`;
      const saved = Number(rows[0]?.saved ?? 0);
      if (saved <= 0) return saved === 0 ? 'overtaken' : 'in_use';
      await tellAll(tx, 'catalogue.changed');
      await recordAct(tx, { action, target, change: { version: [base, saved], ...change } });
      return saved;
    });
  }
}
