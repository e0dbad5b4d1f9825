import type { FieldFault } from '#lib/kernel';
import { configFaults } from './key-config.js';
import { callBaseUrl } from './origins.js';
import type { Catalogue, ProviderRecord } from './types.js';

export interface KeySettings {
  provider: ProviderRecord;
  baseUrl?: string | null | undefined;
  config?: Record<string, unknown> | null | undefined;
  defaultModel?: string | null | undefined;
  models?: readonly string[] | null | undefined;
  hasSecondSecret?: boolean | undefined;
}

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

/** The provider of a slug, or the fault that names the valid ones (pointer `/provider`). What was sent may be a key in the wrong place: never quoted. */
export function findProvider(catalogue: Catalogue, slug: string): ProviderRecord | FieldFault {
  const found = catalogue.provider(importedSlug(slug));
  if (found) return found;
  const valid = catalogue.providers.map((provider) => provider.slug).join(', ');
  return {
    pointer: '/provider',
    detail: `There is no such provider. Use one of: ${valid}.`,
  };
}

/** Every fault of a key's settings at once; empty when it may be saved. Addresses are the SSRF guard's business. */
export function validateKeySettings(settings: KeySettings): FieldFault[] {
  const { provider } = settings;
  return [
    ...baseUrlFaults(settings),
    ...configFaults(provider, settings.config),
    ...modelFaults(settings),
    ...secondFaults(settings),
  ];
}

function baseUrlFaults({ provider, baseUrl, config }: KeySettings): FieldFault[] {
  const fault = (detail: string) => [{ pointer: '/baseUrl', detail }];
  if (!baseUrl) {
    const needed = `${provider.name} needs a base URL, with the version path, e.g. https://llm.example.com/v1.`;
    return callBaseUrl(provider, null, config ?? {}) === null ? fault(needed) : [];
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
