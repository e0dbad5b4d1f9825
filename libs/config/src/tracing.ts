import { z } from 'zod';
import type { Environment } from './environment.js';
import { choice, fault, httpUrlField } from './fields.js';

/** Where spans go: OpenTelemetry's own variables, as its specification has them. */
export interface TracingConfig {
  /** Where batches are posted. */
  url: string;
  protocol: 'http/protobuf' | 'http/json';
  /** May hold a password of the collector: a function, so that no log line or dump of the settings shows it. */
  headers: () => Record<string, string>;
  timeoutMs: number;
  /** `service.name` among them. */
  resource: Record<string, string>;
  sampler: { parentBased: boolean; root: 'always_on' | 'always_off' | 'traceidratio'; ratio: number };
}

const PROTOCOLS = ['http/protobuf', 'http/json'] as const;
const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
const ROOTS = ['always_on', 'always_off', 'traceidratio'] as const;

const NO_LOGIN = fault(
  'holds a login',
  'Take it out of the URL and give it as OTEL_EXPORTER_OTLP_HEADERS, e.g. authorization=Basic%20….',
);
const NO_PAIRS = fault(
  'is not a list of pairs',
  'Write name=value, several with commas between them, values percent-encoded.',
);
const NO_TIMEOUT = fault('is not a time in milliseconds', 'Use a whole number from 1 to 60000.');
const NO_RATIO = fault('is not a share', 'Use a number from 0 to 1.');

const endpoint = httpUrlField.refine(
  (text) => !URL.canParse(text) || (new URL(text).username === '' && new URL(text).password === ''),
  NO_LOGIN,
);

/** `name=value,name=value`, values percent-encoded (W3C Baggage), as the specification of OpenTelemetry has it. */
const pairs = z
  .string()
  .transform((text, context) => {
    const read = readPairs(text);
    if (read) return read;
    context.issues.push({ code: 'custom', message: NO_PAIRS, input: undefined });
    return z.NEVER;
  })
  .default({});

const milliseconds = z
  .string()
  .regex(/^\d{1,5}$/, NO_TIMEOUT)
  .transform(Number)
  .refine((value) => value >= 1 && value <= 60_000, NO_TIMEOUT);

const ratio = z
  .string()
  .transform(Number)
  .refine((value) => value >= 0 && value <= 1, NO_RATIO)
  .default(1);

const endpoints = {
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint.optional(),
};

/** Without an endpoint nothing else is judged: the variables of other programs of this machine are none of ours. */
export function tracingFields({
  OTEL_EXPORTER_OTLP_ENDPOINT,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
}: Environment) {
  const isWanted = Boolean(OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? OTEL_EXPORTER_OTLP_ENDPOINT);
  const read = <T>(field: z.ZodType<T>): z.ZodType<T> =>
    isWanted ? field : z.preprocess(() => undefined, field);
  return {
    ...endpoints,
    OTEL_SDK_DISABLED: read(choice(['false', 'true'], 'false')),
    OTEL_TRACES_EXPORTER: read(choice(['otlp', 'none'], 'otlp')),
    OTEL_EXPORTER_OTLP_PROTOCOL: read(choice(PROTOCOLS, 'http/protobuf')),
    OTEL_EXPORTER_OTLP_HEADERS: read(pairs),
    OTEL_EXPORTER_OTLP_TIMEOUT: read(milliseconds.default(10_000)),
    OTEL_SERVICE_NAME: read(z.string().default('claviger-engine')),
    OTEL_RESOURCE_ATTRIBUTES: read(pairs),
    OTEL_TRACES_SAMPLER: read(choice(SAMPLERS, 'parentbased_always_on')),
    OTEL_TRACES_SAMPLER_ARG: read(ratio),
  };
}

type Values = z.output<z.ZodObject<ReturnType<typeof tracingFields>>>;

/** Null: no spans. */
export function tracingConfig(values: Values): TracingConfig | null {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: whole } = values;
  const url = whole ?? (base && `${base.replace(/\/+$/, '')}/v1/traces`);
  const isOff = values.OTEL_SDK_DISABLED === 'true' || values.OTEL_TRACES_EXPORTER === 'none';
  if (!url || isOff) return null;
  const headers = values.OTEL_EXPORTER_OTLP_HEADERS;
  const sampler = values.OTEL_TRACES_SAMPLER;
  const root = ROOTS.find((name) => sampler.endsWith(name)) ?? 'always_on';
  return {
    url,
    protocol: values.OTEL_EXPORTER_OTLP_PROTOCOL,
    headers: () => headers,
    timeoutMs: values.OTEL_EXPORTER_OTLP_TIMEOUT,
    resource: { 'service.name': values.OTEL_SERVICE_NAME, ...values.OTEL_RESOURCE_ATTRIBUTES },
    sampler: { parentBased: sampler.startsWith('parentbased_'), root, ratio: values.OTEL_TRACES_SAMPLER_ARG },
  };
}

function readPairs(text: string): Record<string, string> | undefined {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => /^([!#$%&'*+.^_`|~\w-]+)\s*=\s*(.*)$/.exec(entry));
  const read: [string, string][] = [];
  for (const entry of entries) {
    const [, name, raw] = entry ?? [];
    const value = raw === undefined ? undefined : decoded(raw);
    if (name === undefined || value === undefined) return undefined;
    read.push([name, value]);
  }
  return Object.fromEntries(read);
}

/** Undefined: not percent-encoded, or holding what no header can. */
function decoded(raw: string): string | undefined {
  try {
    const value = decodeURIComponent(raw);
    return /^[\t\x20-\x7e\x80-\uffff]*$/.test(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
