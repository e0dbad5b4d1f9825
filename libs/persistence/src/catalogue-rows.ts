import type { CatalogueRows } from '#lib/catalog';
import type { PgClient } from './pg/pg-pool.js';

/** The platform tier as the database holds it, for `buildCatalogue`: in the order in which it is shown. */
export async function loadCatalogue(client: PgClient): Promise<CatalogueRows> {
  const providers = await client.query<CatalogueRows['providers'][number]>(
    'SELECT slug, record FROM platform_providers ORDER BY slug',
  );
  const models = await client.query<CatalogueRows['models'][number]>(
    'SELECT provider, id, record FROM platform_models ORDER BY provider, id',
  );
  return { providers: providers.rows, models: models.rows };
}
