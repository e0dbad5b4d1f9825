import type { CatalogueData } from '#lib/catalog';
import type { Client } from 'pg';

/**
 * Brings the platform tier up to the code's data. A row that an operator edited stays as it is; one that the code
 * no longer has goes, unless it was edited.
 */
export async function seedCatalogue(client: Client, data: CatalogueData): Promise<void> {
  const providers = JSON.stringify(data.providers.map((record) => ({ slug: record.slug, record })));
  await client.query(
    `INSERT INTO platform_providers AS p (slug, record)
     SELECT slug, record FROM jsonb_to_recordset($1::jsonb) AS row (slug text, record jsonb)
     ON CONFLICT (slug) DO UPDATE SET record = excluded.record, updated_at = now()
     WHERE NOT p.edited AND p.record <> excluded.record`,
    [providers],
  );
  await client.query(`DELETE FROM platform_providers WHERE NOT edited AND slug <> ALL ($1)`, [
    data.providers.map((record) => record.slug),
  ]);
  const models = JSON.stringify(
    data.models.map((record) => ({ provider: record.provider, id: record.id, record })),
  );
  await client.query(
    `INSERT INTO platform_models AS m (provider, id, record)
     SELECT provider, id, record FROM jsonb_to_recordset($1::jsonb) AS row (provider text, id text, record jsonb)
     ON CONFLICT (provider, id) DO UPDATE SET record = excluded.record, updated_at = now()
     WHERE NOT m.edited AND m.record <> excluded.record`,
    [models],
  );
  await client.query(
    `DELETE FROM platform_models WHERE NOT edited AND (provider, id) NOT IN (
       SELECT provider, id FROM jsonb_to_recordset($1::jsonb) AS row (provider text, id text))`,
    [models],
  );
}
