import type { FieldFault } from '#lib/kernel';
import type { ProviderRecord } from './types.js';

const HEADER = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/;
/** Headers that carry the key itself or steer the connection: a second secret must not replace them. */
export const RESERVED_HEADERS = new Set([
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

/** Says what is wrong with a setting's value, or undefined when nothing is. */
type Check = (value: unknown, provider: ProviderRecord) => string | undefined;

/** They become part of a host's name or of a path, so nothing else may be in them. */
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const label =
  (what: string, example: string): Check =>
  (value) =>
    typeof value === 'string' && LABEL.test(value) ? undefined : `Enter ${what}, e.g. ${example}.`;

const CHOICE: Record<string, Check> = {
  protocol: (value, { protocolChoices }) =>
    protocolChoices.some((choice) => choice === value)
      ? undefined
      : `Use one of: ${protocolChoices.join(', ')}.`,
  secondSecretHeader: (value) =>
    typeof value === 'string' && HEADER.test(value) && !RESERVED_HEADERS.has(value.toLowerCase())
      ? undefined
      : 'Use a header name that carries nothing else, e.g. x-api-secret.',
};
const AZURE: Record<string, Check> = {
  apiVersion: (value) =>
    typeof value === 'string' && /^(v1|preview|\d{4}-\d{2}-\d{2}(-preview)?)$/.test(value)
      ? undefined
      : 'Enter an API version of Azure, e.g. 2024-10-21.',
  deployments: (value) =>
    isDeployments(value)
      ? undefined
      : 'Map model ids to the names of your deployments, e.g. {"gpt-4.1": "my-gpt-41"}.',
};
const BEDROCK: Record<string, Check> = { region: label('an AWS region', 'us-east-1') };
const VERTEX: Record<string, Check> = {
  project: label('the id of your project', 'my-project-123'),
  location: label('a Google Cloud location', 'us-central1'),
};

/** Faults of a key's `config`; every member is known to the provider or refused. */
export function configFaults(
  provider: ProviderRecord,
  config: Record<string, unknown> | null | undefined,
): FieldFault[] {
  const checks = checksOf(provider);
  const names = Object.keys(checks);
  return Object.entries(config ?? {}).flatMap(([name, value]) => {
    const pointer = `/config/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!Object.hasOwn(checks, name)) {
      const valid = names.length > 0 ? `It knows: ${names.join(', ')}.` : 'It has none.';
      return [{ pointer, detail: `${provider.name} has no such setting. ${valid}` }];
    }
    const detail = checks[name]?.(value, provider);
    return detail === undefined ? [] : [{ pointer, detail }];
  });
}

function checksOf(provider: ProviderRecord): Record<string, Check> {
  if (provider.protocolChoices.length > 0) return CHOICE;
  switch (provider.credential.kind) {
    case 'iam_or_bearer':
      return BEDROCK;
    case 'service_account_or_key':
      return VERTEX;
    default:
      return provider.protocol === 'azure' ? AZURE : {};
  }
}

function isDeployments(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length <= 200 &&
    entries.every(
      ([model, name]) => model !== '' && typeof name === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(name),
    )
  );
}
