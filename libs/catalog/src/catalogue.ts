import { catalogueData } from './data/index.js';
import { blankProvider, uncataloguedModel, withEdits } from './edits.js';
import type { Catalogue, CatalogueData, CatalogueRows, ModelRecord } from './types.js';

/**
 * Indexes the platform tier.
 * @param rows what the database holds; a row replaces the code's record member by member, so that a row written by an
 *   older version (or by an operator who changed one member) still has every member. Without rows: the code's own data.
 * @throws TypeError when a row's record is no object.
 */
export function buildCatalogue(rows?: CatalogueRows): Catalogue {
  const data = rows ? merged(rows) : catalogueData;
  return indexed(rows?.edits ? withEdits(data, rows.edits) : data, rows?.version ?? 0);
}

function indexed(data: CatalogueData, version: number): Catalogue {
  const providers = new Map(data.providers.map((record) => [record.slug, record]));
  const byProvider = new Map<string, Map<string, ModelRecord>>();
  const listing = new Map<string, string[]>();
  for (const record of data.models) {
    const models = byProvider.get(record.provider) ?? new Map<string, ModelRecord>();
    byProvider.set(record.provider, models.set(record.id, record));
    listing.set(record.id, [...(listing.get(record.id) ?? []), record.provider]);
  }
  return {
    ...data,
    version,
    provider: (slug) => providers.get(slug),
    model: (provider, id) => byProvider.get(provider)?.get(id),
    modelsOf: (provider) => [...(byProvider.get(provider)?.values() ?? [])],
    providersListing: (id) => listing.get(id) ?? [],
  };
}

function merged(rows: CatalogueRows): CatalogueData {
  const providers = new Map(catalogueData.providers.map((record) => [record.slug, record]));
  const models = new Map(
    catalogueData.models.map((record) => [modelKey(record.provider, record.id), record]),
  );
  const [providerRank, modelRank] = [ranks([...providers.keys()]), ranks([...models.keys()])];
  return {
    providers: sorted(rows.providers, ({ slug }) => slug, providerRank).map((row) => ({
      ...(providers.get(row.slug) ?? blankProvider(row.slug)),
      ...members(row.record),
      slug: row.slug,
    })),
    models: sorted(rows.models, ({ provider, id }) => modelKey(provider, id), modelRank).map((row) => ({
      ...(models.get(modelKey(row.provider, row.id)) ?? uncataloguedModel(row.provider, row.id)),
      ...members(row.record),
      provider: row.provider,
      id: row.id,
    })),
  };
}

function ranks(keys: string[]): Map<string, number> {
  return new Map(keys.map((key, index) => [key, index]));
}

/** Rows in the code's own order, whatever order a plane read them in; those that only the database has come last, by name. */
function sorted<T>(rows: readonly T[], keyOf: (row: T) => string, rank: Map<string, number>): T[] {
  const place = (key: string) => rank.get(key) ?? rank.size;
  return [...rows].sort((a, b) => {
    const [one, other] = [keyOf(a), keyOf(b)];
    return place(one) - place(other) || (one < other ? -1 : 1);
  });
}

function members(record: unknown): object {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) {
    throw new TypeError('a catalogue row must hold a JSON object');
  }
  return record;
}

function modelKey(provider: string, id: string): string {
  return `${provider}\n${id}`;
}
