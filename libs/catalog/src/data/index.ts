import { PROVIDER_SLUGS } from '#lib/contracts';
import type { CatalogueData } from '../types.js';
import { anthropic } from './anthropic.js';
import { compatible } from './compatible.js';
import { google } from './google.js';
import { hosted, clouds } from './hosted.js';
import { openai } from './openai.js';

const parts = [openai, anthropic, google, compatible, hosted, clouds];
const order = new Map<string, number>(PROVIDER_SLUGS.map((slug, index) => [slug, index]));

/** What a fresh database is seeded with; operators may change the rows afterwards (PRODUCT #8–#11). */
export const catalogueData: CatalogueData = {
  providers: parts
    .flatMap((part) => part.providers)
    .sort((a, b) => (order.get(a.slug) ?? 0) - (order.get(b.slug) ?? 0)),
  models: parts.flatMap((part) => part.models),
};
