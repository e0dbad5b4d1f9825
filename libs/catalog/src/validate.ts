import type { FieldFault } from '#lib/kernel';
import type { Catalogue, ProviderRecord } from './types.js';

export interface KeySettings {
  provider: ProviderRecord;
  baseUrl?: string | null | undefined;
  config?: Record<string, unknown> | null | undefined;
  defaultModel?: string | null | undefined;
  models?: readonly string[] | null | undefined;
  hasSecondSecret?: boolean | undefined;
}

const HEADER = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/;
/** Headers that carry the key itself or steer the connection: a second secret must not replace them. */
const RESERVED = new Set([
  'authorization',
  'x-api-key',
  'x-goog-api-key',
  'api-key',
  'host',
  'connection',
  'content-length',
  'content-type',
  'transfer-encoding',
  'cookie',
  'proxy-authorization',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'anthropic-version',
]);
const OTHER_NAMES: Record<string, string> = {
  OPENAI: 'openai',
  GOOGLE: 'google',
  ANTHROPIC: 'anthropic',
  AWS: 'bedrock',
  OTHER: 'custom',
};

/** The slug for a provider as other systems' exports name it (`AWS`, `OTHER` …), or the name itself. */
export function importedSlug(name: string): string {
  return OTHER_NAMES[name] ?? name;
}

/** The provider of a slug, or the fault that names the valid ones (pointer `/provider`). */
export function findProvider(catalogue: Catalogue, slug: string): ProviderRecord | FieldFault {
  const found = catalogue.provider(importedSlug(slug));
  if (found) return found;
  const valid = catalogue.providers.map((provider) => provider.slug).join(', ');
  return {
    pointer: '/provider',
    detail: `There is no provider "${slug.slice(0, 64)}". Use one of: ${valid}.`,
  };
}

/** Every fault of a key's settings at once; empty when it may be saved. Addresses are the SSRF guard's business. */
export function validateKeySettings(settings: KeySettings): FieldFault[] {
  const { provider } = settings;
  if (provider.availability === 'not_yet') {
    const detail = `${provider.name} is listed but can't be called by this version yet. Use another provider for now.`;
    return [{ pointer: '/provider', detail }];
  }
  return [
    ...baseUrlFaults(settings),
    ...configFaults(settings),
    ...modelFaults(settings),
    ...secondFaults(settings),
  ];
}

function baseUrlFaults({ provider, baseUrl }: KeySettings): FieldFault[] {
  const fault = (detail: string) => [{ pointer: '/baseUrl', detail }];
  if (!baseUrl) {
    const needed = `${provider.name} needs a base URL, with the version path, e.g. https://llm.example.com/v1.`;
    return provider.baseUrl ? [] : fault(needed);
  }
  if (!provider.acceptsBaseUrl) return fault(`${provider.name} takes no base URL. Leave it out.`);
  if (baseUrl.length > 2_000 || !URL.canParse(baseUrl))
    return fault('Enter a whole URL, e.g. https://llm.example.com/v1.');
  const url = new URL(baseUrl);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return fault('The URL must start with https://.');
  if (url.username || url.password)
    return fault('Leave user name and password out of the URL; enter the key as the secret.');
  if (url.search || url.hash) return fault('Leave out what follows ? or #; keys never travel in URLs.');
  return [];
}

function configFaults({ provider, config }: KeySettings): FieldFault[] {
  const faults: FieldFault[] = [];
  const known = provider.protocolChoices.length > 0 ? ['protocol', 'secondSecretHeader'] : [];
  for (const [name, value] of Object.entries(config ?? {})) {
    const pointer = `/config/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!known.includes(name)) {
      const valid = known.length > 0 ? `It knows: ${known.join(', ')}.` : 'It has none.';
      faults.push({ pointer, detail: `${provider.name} has no such setting. ${valid}` });
    } else if (name === 'protocol' && !provider.protocolChoices.some((choice) => choice === value)) {
      faults.push({ pointer, detail: `Use one of: ${provider.protocolChoices.join(', ')}.` });
    } else if (name === 'secondSecretHeader' && !isFreeHeader(value)) {
      faults.push({ pointer, detail: 'Use a header name that carries nothing else, e.g. x-api-secret.' });
    }
  }
  return faults;
}

function isFreeHeader(value: unknown): boolean {
  return typeof value === 'string' && HEADER.test(value) && !RESERVED.has(value.toLowerCase());
}

function modelFaults({ defaultModel, models }: KeySettings): FieldFault[] {
  const faults: FieldFault[] = [];
  const bad = (model: string) =>
    model.trim() === '' || model.length > 200 || /[\u0000-\u001f\u007f]/.test(model);
  if (typeof defaultModel === 'string' && bad(defaultModel)) {
    faults.push({
      pointer: '/defaultModel',
      detail: 'Enter a model id of 1 to 200 characters, or leave it out.',
    });
  }
  models?.forEach((model, index) => {
    if (bad(model))
      faults.push({ pointer: `/models/${index}`, detail: 'Enter a model id of 1 to 200 characters.' });
  });
  if (models && new Set(models).size !== models.length) {
    faults.push({ pointer: '/models', detail: 'A model is named twice.' });
  }
  return faults;
}

function secondFaults({ provider, hasSecondSecret }: KeySettings): FieldFault[] {
  if (!hasSecondSecret || provider.credential.kind === 'key_and_second') return [];
  return [
    { pointer: '/secondSecret', detail: `${provider.name} takes one secret. Leave the second one out.` },
  ];
}
