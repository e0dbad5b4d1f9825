import type { FieldFault } from '#lib/kernel';
import { RESERVED_HEADERS } from './key-config.js';
import type { Catalogue, CatalogueEdits, ModelEdit, ProviderEdit, ProviderRecord } from './types.js';
import { importedSlug } from './validate.js';

const SLUG = /^[a-z][a-z0-9-]{0,38}[a-z0-9]$/;
const HEADER = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
/** The header that already carries the key on its wire, though another credential may not use it. */
const KEY_HEADERS = new Set(['authorization', 'x-api-key', 'x-goog-api-key', 'api-key']);

/**
 * Every fault of an operator's edits at once; empty when they may be saved. The forms of single members (types, lengths) are
 * judged before; addresses are the SSRF guard's business, as for tenants.
 * @param edits what is to be saved, as a whole
 * @param catalogue what it would come to: Claviger's own data with `edits` on top
 * @param pointerOf where in the body the settings of a provider stand
 */
export function editFaults(
  edits: CatalogueEdits,
  catalogue: Catalogue,
  pointerOf: (index: number) => string = (index) => `/providers/${index}`,
): FieldFault[] {
  const slugs = edits.providers.map(({ slug }) => slug);
  return edits.providers.flatMap((edit, index) => {
    const at = pointerOf(index);
    const faults = [...providerFaults(edit, catalogue.provider(edit.slug)!, at)];
    if (slugs.indexOf(edit.slug) !== index)
      faults.push({ pointer: `${at}/slug`, detail: `Provider "${edit.slug}" is there twice.` });
    return [...faults, ...modelFaults(edit, catalogue, at)];
  });
}

function providerFaults(edit: ProviderEdit, record: ProviderRecord, at: string): FieldFault[] {
  const faults: FieldFault[] = [];
  const say = (member: string, detail: string) => faults.push({ pointer: `${at}/${member}`, detail });
  if (record.isOperatorMade) {
    if (!SLUG.test(edit.slug) || importedSlug(edit.slug.toUpperCase()) !== edit.slug.toUpperCase())
      say(
        'slug',
        'Give a slug of 2 to 40 small letters, digits and hyphens that no other system uses, e.g. acme-ai.',
      );
    if (edit.name === undefined) say('name', 'Give the new provider a name.');
    if (record.baseUrl === null && !record.acceptsBaseUrl && needsUrl(record))
      say('baseUrl', 'Give a base URL, or let keys bring their own (acceptsBaseUrl).');
  } else if (edit.protocol !== undefined && edit.protocol !== record.protocol) {
    say('protocol', 'The wire of one of Claviger’s own providers cannot be changed.');
  }
  if (!record.isOperatorMade && edit.credential !== undefined)
    say('credential', 'The credential of one of Claviger’s own providers cannot be changed.');
  const own = edit.baseUrl !== undefined && edit.baseUrl !== null ? urlFault(edit.baseUrl) : null;
  if (own) say('baseUrl', own);
  for (const detail of credentialFaults(edit, record)) say('credential', detail);
  return faults;
}

function needsUrl({ credential }: ProviderRecord): boolean {
  return credential.kind !== 'iam_or_bearer' && credential.kind !== 'service_account_or_key';
}

/** What a base URL may be, for an operator's record as for a tenant's key; whether it may be reached is asked of the guard. */
function urlFault(baseUrl: string): string | null {
  if (!URL.canParse(baseUrl)) return 'Enter a whole URL, e.g. https://llm.example.com/v1.';
  const url = new URL(baseUrl);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'The URL must start with https://.';
  if (url.username || url.password) return 'Leave user name and password out of the URL.';
  if (url.search || url.hash) return 'Leave out what follows ? or #; keys never travel in URLs.';
  return null;
}

function credentialFaults({ credential }: ProviderEdit, record: ProviderRecord): string[] {
  const { kind } = record.credential;
  const faults: string[] = [];
  if ((record.protocol === 'bedrock') !== (kind === 'iam_or_bearer'))
    faults.push('The kind "iam_or_bearer" and the protocol bedrock go together.');
  if (kind === 'service_account_or_key' && record.protocol !== 'gemini')
    faults.push('The kind "service_account_or_key" goes with the protocol gemini.');
  const header = credential?.header?.toLowerCase();
  if (header === undefined) return faults;
  if (kind === 'iam_or_bearer' || kind === 'service_account_or_key' || record.protocol === 'azure')
    faults.push('This credential takes no header of its own. Leave it out.');
  else if (!HEADER.test(header) || (RESERVED_HEADERS.has(header) && !KEY_HEADERS.has(header)))
    faults.push('Use a header name that carries nothing else, e.g. x-acme-key.');
  return faults;
}

function modelFaults(edit: ProviderEdit, catalogue: Catalogue, at: string): FieldFault[] {
  const ids = (edit.models ?? []).map(({ id }) => id);
  return (edit.models ?? []).flatMap((model, index) => {
    const pointer = `${at}/models/${index}`;
    const twice = ids.indexOf(model.id) !== index;
    return [
      ...(twice ? [{ pointer: `${pointer}/id`, detail: `Model "${model.id}" is there twice.` }] : []),
      ...lifecycleFaults(edit.slug, model, catalogue, pointer),
      ...priceFaults(model, pointer),
    ];
  });
}

/** Deprecated and retired models name where to go: one that is there and not retired itself. */
function lifecycleFaults(
  slug: string,
  { id }: ModelEdit,
  catalogue: Catalogue,
  pointer: string,
): FieldFault[] {
  const { lifecycle, replacement } = catalogue.model(slug, id)!;
  const fault = (detail: string) => [{ pointer: `${pointer}/replacement`, detail }];
  if (replacement === null) {
    const ends = lifecycle === 'deprecated' || lifecycle === 'retired';
    return ends ? fault(`Name the model that replaces "${id}": it is ${lifecycle}.`) : [];
  }
  const next = catalogue.model(slug, replacement);
  if (!next) return fault(`There is no model "${replacement}" of ${slug}: list it, or name another one.`);
  if (next.lifecycle === 'retired' || replacement === id)
    return fault(`"${replacement}" cannot replace "${id}": it is retired, or the model itself.`);
  return [];
}

function priceFaults({ price }: ModelEdit, pointer: string): FieldFault[] {
  if (!price) return [];
  const day = new Date(`${price.asOf}T00:00:00Z`);
  const isDay =
    DAY.test(price.asOf) && !Number.isNaN(day.valueOf()) && day.toISOString().startsWith(price.asOf);
  const bounds = (price.tiers ?? []).map((tier) => tier.aboveInputTokens);
  const when = 'Give the day that the price is from, e.g. 2026-11-21.';
  return [
    ...(isDay ? [] : [{ pointer: `${pointer}/price/asOf`, detail: when }]),
    ...(new Set(bounds).size === bounds.length
      ? []
      : [{ pointer: `${pointer}/price/tiers`, detail: 'Two tiers begin above the same number of tokens.' }]),
  ];
}
