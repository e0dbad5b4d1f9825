import { useForm, type UseFormReturnType } from '@mantine/form';
import { isProblem } from '@/lib/api/problem';
import type { AiProvider, AiProviderChange, Provider } from '@/lib/api/types';
import type { PastedKey } from '@/lib/detect/pasted-key';

/** The form of a key. Credential fields are by name; models one a line; dates as the date input has them. */
export interface KeyFormValues {
  name: string;
  credential: Record<string, string>;
  baseUrl: string;
  protocol: string;
  defaultModel: string;
  models: string;
  config: string;
  expiresAt: string;
  /** Requests per minute and per day, tokens per minute, requests at once; empty is no limit. */
  rpm: string;
  rpd: string;
  tpm: string;
  concurrency: string;
}

export type KeyForm = UseFormReturnType<KeyFormValues>;

const OWN_CONFIG = 'protocol';
export const LIMITS = [
  { name: 'rpm', label: 'Requests per minute' },
  { name: 'rpd', label: 'Requests per day' },
  { name: 'tpm', label: 'Tokens per minute' },
  { name: 'concurrency', label: 'Requests at once' },
] as const;

function wholeNumber(value: string): string | null {
  return /^\s*([1-9]\d{0,8})?\s*$/.test(value) ? null : 'Give a whole number from 1, or leave it empty';
}

function limitsIn(values: KeyFormValues): Partial<Record<(typeof LIMITS)[number]['name'], number>> {
  const set = LIMITS.filter(({ name }) => values[name].trim() !== '');
  return Object.fromEntries(set.map(({ name }) => [name, Number(values[name])]));
}

function configText(config: Record<string, unknown>): string {
  const rest = Object.entries(config).filter(([name]) => name !== OWN_CONFIG);
  return rest.length === 0 ? '' : JSON.stringify(Object.fromEntries(rest), null, 2);
}

function parseConfig(text: string): Record<string, unknown> | null {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

export function useKeyForm(
  key: AiProvider | null,
  provider: Provider,
  pasted: PastedKey | null = null,
): KeyForm {
  return useForm<KeyFormValues>({
    initialValues: {
      name: key?.name ?? provider.name,
      credential: pasted ? { secret: pasted.secret } : {},
      baseUrl: key?.baseUrl ?? pasted?.baseUrl ?? '',
      protocol: typeof key?.config[OWN_CONFIG] === 'string' ? key.config[OWN_CONFIG] : '',
      defaultModel: key?.defaultModel ?? '',
      models: key?.models.join('\n') ?? '',
      config: configText(key?.config ?? {}),
      expiresAt: key?.expiresAt?.slice(0, 10) ?? '',
      rpm: String(key?.limits?.rpm ?? ''),
      rpd: String(key?.limits?.rpd ?? ''),
      tpm: String(key?.limits?.tpm ?? ''),
      concurrency: String(key?.limits?.concurrency ?? ''),
    },
    validate: {
      name: (value) => (value.trim() ? null : 'Give the key a name that tells it from others'),
      baseUrl: (value) => {
        if (!value.trim()) return provider.requiresBaseUrl ? 'This provider needs a base URL' : null;
        return /^https?:\/\//.test(value.trim()) ? null : 'Start with https://';
      },
      rpm: wholeNumber,
      rpd: wholeNumber,
      tpm: wholeNumber,
      concurrency: wholeNumber,
      config: (value) => (parseConfig(value) ? null : 'This must be a JSON object'),
      credential: (value) => {
        if (key?.hasValue) return null;
        const missing = provider.credential.fields.find(
          (field) => field.required && !value[field.name]?.trim(),
        );
        return missing ? `Enter the ${missing.label}` : null;
      },
    },
  });
}

/** The secrets as the API takes them: members of a JSON credential are gathered into `secret`. */
export function credentialInput(values: Record<string, string>): { secret?: string; secondSecret?: string } {
  const filled = Object.entries(values).filter(([, value]) => value.trim() !== '');
  const { secret, secondSecret, ...members } = Object.fromEntries(
    filled.map(([name, value]) => [name, value.trim()]),
  );
  const joined = Object.keys(members).length > 0 ? JSON.stringify(members) : secret;
  return { ...(joined ? { secret: joined } : {}), ...(secondSecret ? { secondSecret } : {}) };
}

function modelLines(text: string): string[] {
  return text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** What to send: for a new key what was entered, for an old one what changed, with `clear` for what was emptied. */
export function toInput(values: KeyFormValues, key: AiProvider | null): AiProviderChange {
  const input: AiProviderChange = credentialInput(values.credential);
  const clear: NonNullable<AiProviderChange['clear']> = [];
  const name = values.name.trim();
  if (name !== key?.name) input.name = name;
  for (const field of ['baseUrl', 'defaultModel'] as const) {
    const value = values[field].trim();
    if (value !== '' && value !== key?.[field]) input[field] = value;
    if (value === '' && key?.[field]) clear.push(field);
  }
  const models = modelLines(values.models);
  if (models.join('\n') !== (key?.models ?? []).join('\n')) {
    if (models.length > 0) input.models = models;
    else clear.push('models');
  }
  const config = {
    ...parseConfig(values.config),
    ...(values.protocol ? { [OWN_CONFIG]: values.protocol } : {}),
  };
  if (JSON.stringify(config) !== JSON.stringify(key?.config ?? {})) {
    if (Object.keys(config).length > 0) input.config = config;
    else clear.push('config');
  }
  if (values.expiresAt !== (key?.expiresAt?.slice(0, 10) ?? '')) {
    if (values.expiresAt) input.expiresAt = `${values.expiresAt}T23:59:59Z`;
    else clear.push('expiresAt');
  }
  const limits = limitsIn(values);
  if (LIMITS.some((limit) => limits[limit.name] !== key?.limits?.[limit.name])) {
    if (Object.keys(limits).length > 0) input.limits = limits;
    else clear.push('limits');
  }
  return clear.length > 0 ? { ...input, clear } : input;
}

/** Puts a refusal's field messages beside their fields. */
export function showFieldErrors(form: KeyForm, error: unknown): void {
  if (!isProblem(error)) return;
  for (const field of ['name', 'baseUrl', 'defaultModel', 'models', 'config', 'expiresAt'] as const) {
    const message = error.field(`/${field}`);
    if (message) form.setFieldError(field, message);
  }
  for (const { name } of LIMITS) {
    const message = error.field(`/limits/${name}`);
    if (message) form.setFieldError(name, message);
  }
  const secret = error.field('/secret') ?? error.field('/secondSecret');
  if (secret) form.setFieldError('credential', secret);
}
