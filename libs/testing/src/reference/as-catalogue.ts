import type { RefVendor } from './world.js';

interface Rows {
  providers: { slug: string; record: Record<string, unknown> }[];
  models: { provider: string; id: string; record: Record<string, unknown> }[];
}

/** Of every model that has one. */
export const PRICE = {
  ...{
    inputMicroUsdPerMTok: 1_000_000,
    outputMicroUsdPerMTok: 2_000_000,
    cachedInputMicroUsdPerMTok: 1_000_000,
  },
  asOf: '2026-11-01',
};

/** The platform tier of a world as rows of the catalogue's tables. */
export function catalogueRowsOf(vendors: readonly RefVendor[]): Rows {
  return {
    providers: vendors.map((vendor) => ({
      slug: vendor.slug,
      record: {
        name: vendor.slug,
        baseUrl: `https://${vendor.slug}.example/v1`,
        credential: {
          ...{ kind: vendor.needsSecret ? 'key' : 'optional_key', required: vendor.needsSecret },
          ...{ header: 'authorization', fields: [] },
        },
        defaultModel: vendor.defaultModel,
        surfaces: vendor.surfaces,
        openModels: vendor.takesAny,
        enabled: !vendor.off,
      },
    })),
    models: vendors.flatMap(({ slug, models }) =>
      models.map(({ id, tools, retired, priced }) => ({
        provider: slug,
        id,
        record: {
          name: id,
          price: priced ? PRICE : null,
          lifecycle: retired ? 'retired' : 'active',
          replacement: retired ? 'a-large' : null,
          capabilities: { tools, streaming: 'yes', structuredOutput: 'yes', vision: 'yes' },
        },
      })),
    ),
  };
}
