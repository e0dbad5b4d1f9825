import { findProvider, type Catalogue } from '#lib/catalog';
import type { FieldFault } from '#lib/kernel';
import { isSwitch, switchesOf } from './switches.js';

/** A record of another system in the words of `POST /ai-providers`; judged as such only afterwards. */
export interface ReadRecord {
  body: Record<string, unknown>;
  enabled: boolean;
  /** Why it cannot be said what the record means. */
  faults: FieldFault[];
  /** Members that mean nothing here. */
  ignored: string[];
}

/** What a member is called here, by what the other systems call it. The first one of a record that is there counts. */
const NAMES: Record<string, readonly string[]> = {
  name: ['name', 'configurationName', 'configuration_name', 'label'],
  provider: ['provider', 'type', 'aiType', 'ai_type', 'aiLlmType', 'ai_llm_type'],
  baseUrl: ['baseUrl', 'base_url', 'apiBase', 'api_base', 'endpoint', 'apiEndpoint', 'api_endpoint'],
  defaultModel: ['defaultModel', 'default_model'],
  models: ['models'],
  config: ['config'],
  apiKey: ['apiKey', 'api_key', 'key'],
  apiSecret: ['apiSecret', 'api_secret'],
  secret: ['secret'],
  secondSecret: ['secondSecret'],
  secretId: ['secretId', 'secret_id'],
  protocol: ['protocol'],
};
/** Slugs of other systems that no type name is. */
const OTHER_SLUGS: Record<string, string> = { gemini: 'google', grok: 'xai' };
const BEDROCK_HOST = /^https:\/\/bedrock-runtime\.([a-z0-9-]+)\.amazonaws\.com\/?$/;

/**
 * Reads one record as the systems of PRODUCT's sources keep them: a settings record with `group: "aiprovider"` and a `value`; a
 * configuration with a type, an endpoint, an optional key and a secret; a provider with slug, base URL, config; a credential with
 * api_key, api_base and curated models. A record whose name is no slug but says its wire is a custom provider.
 */
export function readRecord(record: Record<string, unknown>, catalogue: Catalogue): ReadRecord {
  const flat = flattened(record);
  const known = new Set(Object.values(NAMES).flat());
  const found = (member: string): unknown => NAMES[member]!.map((name) => flat[name]).find(isGiven);
  const provider = providerOf(found('provider') ?? found('name'), found('protocol'), catalogue);
  const body: Record<string, unknown> = { name: found('name') ?? found('provider'), provider };
  for (const member of ['defaultModel', 'models', 'baseUrl', 'secretId']) {
    const value = found(member);
    if (isGiven(value)) body[member] = value;
  }
  Object.assign(body, secretsOf(found, provider), configOf(found, provider, body));
  if (body['baseUrl'] === catalogue.provider(String(provider))?.baseUrl) delete body['baseUrl'];
  return {
    body,
    ...switchesOf([record, flat]),
    ignored: Object.keys(flat).filter((name) => !known.has(name) && !isSwitch(name)),
  };
}

function flattened(record: Record<string, unknown>): Record<string, unknown> {
  const { group, value, ...rest } = record;
  if (group !== 'aiprovider' || typeof value !== 'object' || value === null) return record;
  // There the record's name is the provider.
  return { ...rest, ...value, provider: rest['name'] };
}

function providerOf(named: unknown, protocol: unknown, catalogue: Catalogue): unknown {
  if (typeof named !== 'string') return named;
  const wanted = OTHER_SLUGS[named.toLowerCase()] ?? named;
  const exact = findProvider(catalogue, wanted);
  if ('slug' in exact) return exact.slug;
  const small = findProvider(catalogue, wanted.toLowerCase());
  if ('slug' in small) return small.slug;
  return typeof protocol === 'string' ? 'custom' : named;
}

/** Where a system has a secret and a key beside it, the secret is what authenticates; for AWS the two are one pair. */
function secretsOf(found: (member: string) => unknown, provider: unknown): Record<string, unknown> {
  const [apiKey, apiSecret] = [found('apiKey'), found('apiSecret')];
  const main = apiSecret ?? found('secret');
  const secret = main ?? apiKey;
  if (!isGiven(secret)) return {};
  const second = isGiven(main) ? (apiKey ?? found('secondSecret')) : found('secondSecret');
  if (!isGiven(second)) return { secret };
  if (provider === 'bedrock') return { secret: { accessKeyId: second, secretAccessKey: secret } };
  return { secret, secondSecret: second };
}

/** Bedrock's region stands in its endpoint; a custom provider's wire in `protocol`. Takes the endpoint out of `body`. */
function configOf(
  found: (member: string) => unknown,
  provider: unknown,
  body: Record<string, unknown>,
): Record<string, unknown> {
  const own = found('config');
  const given = isGiven(own) ? { config: own } : {};
  const region = provider === 'bedrock' ? BEDROCK_HOST.exec(String(body['baseUrl']))?.[1] : undefined;
  if (region !== undefined) delete body['baseUrl'];
  const protocol = provider === 'custom' || provider === 'gateway' ? found('protocol') : undefined;
  const more = { ...(region !== undefined && { region }), ...(isGiven(protocol) && { protocol }) };
  if (Object.keys(more).length === 0 || (isGiven(own) && typeof own !== 'object')) return given;
  return { config: { ...(typeof own === 'object' ? own : {}), ...more } };
}

/** Other systems write null, or nothing at all, for what a record does not have. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}
