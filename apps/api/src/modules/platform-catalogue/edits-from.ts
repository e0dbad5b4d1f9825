import type { CatalogueEdits } from '#lib/catalog';
import type { ReplaceCatalogueDto } from './platform-catalogue.dto.js';
import type { ProviderChange } from './platform-providers.service.js';
import type { PutPlatformProviderDto } from './platform-providers.dto.js';

/** A judged body as plain data: what was left out is not there, and what is stored equals what is compared. */
export function editsFrom(body: ReplaceCatalogueDto): CatalogueEdits {
  return JSON.parse(JSON.stringify(body), priced) as CatalogueEdits;
}

export function providerChangeFrom(body: PutPlatformProviderDto): ProviderChange {
  return JSON.parse(JSON.stringify(body), priced) as ProviderChange;
}

/** A price says of cached input that it is not known to differ, rather than nothing. */
function priced(name: string, value: unknown): unknown {
  if (name === 'tiers' && Array.isArray(value))
    return value.map((tier: object) => ({ cachedInputMicroUsdPerMTok: null, ...tier }));
  if (name !== 'price' || typeof value !== 'object') return value;
  return { cachedInputMicroUsdPerMTok: null, ...value };
}
