import type { CatalogueEdits, CatalogueRows } from '#lib/catalog';
import type { PgClient } from './pg/pg-pool.js';

/** The platform tier as the database holds it, for `buildCatalogue`: in the order in which it is shown. */
export async function loadCatalogue(client: PgClient): Promise<CatalogueRows> {
  const providers = await client.query<CatalogueRows['providers'][number]>(
    'SELECT slug, record FROM platform_providers ORDER BY slug',
  );
  const models = await client.query<CatalogueRows['models'][number]>(
    'SELECT provider, id, record FROM platform_models ORDER BY provider, id',
  );
  const latest = await client.query<{ version: string; edits: CatalogueEdits }>(
    'SELECT version, edits FROM catalogue_versions ORDER BY version DESC LIMIT 1',
  );
  const { version = '0', edits } = latest.rows[0] ?? {};
  return { providers: providers.rows, models: models.rows, edits, version: Number(version) };
}
