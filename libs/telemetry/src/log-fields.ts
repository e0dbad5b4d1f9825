/**
 * Everything that a log line may hold. A field that is not listed here never reaches a log, whatever its value: a list of
 * what is safe cannot forget a secret, a list of what is not can. Free text of callers is not on it.
 */
export const LOG_FIELD_NAMES = [
  // who and where
  'process',
  'version',
  'deployment',
  'context',
  'pid',
  'host',
  'port',
  'node',
  'platform',
  'role',
  'backend',
  // correlation
  'requestId',
  'traceId',
  'spanId',
  'runId',
  'jobId',
  'jobName',
  'queue',
  'eventId',
  'topic',
  'revision',
  'attempt',
  'attempts',
  // identity: ids only
  'orgId',
  'webhookId',
  'deliveryId',
  'userId',
  'memberId',
  'workspaceId',
  'aiProviderId',
  'secretId',
  'tokenId',
  'sessionId',
  'policyId',
  // a request
  'method',
  'route',
  'status',
  'durationMs',
  'code',
  'pointers',
  // a call upstream
  'provider',
  'protocol',
  'model',
  'mask',
  'keyVersion',
  'kmsRef',
  'format',
  'step',
  'upstreamStatus',
  'upstreamRequestId',
  'inputTokens',
  'outputTokens',
  'totalTokens',
  'costMicroUsd',
  // decisions and counts
  'gate',
  'outcome',
  'limit',
  'used',
  'max',
  'plan',
  'cache',
  'ageMs',
  'latencyMs',
  'count',
  'rows',
  'bytes',
  'entries',
  'migration',
  'signal',
  'exitCode',
] as const;

export type LogFieldName = (typeof LOG_FIELD_NAMES)[number];
export type LogValue = string | number | boolean | null | undefined | readonly string[];

/** The fields of one log line; `err` is reduced to what is safe in it (see `safeError`). */
export type LogFields = { [name in LogFieldName]?: LogValue } & { err?: unknown };

const ALLOWED: ReadonlySet<string> = new Set(LOG_FIELD_NAMES);
/** Ids of ours, hexadecimal digits of traces and plain words: in none of them is a credential written, so that they are not looked through. */
const PLAIN =
  /^(?:(?:run|org|ws|aip|tok|usr|req)_[0-7][0-9a-hjkmnp-tv-z]{25}|[0-9a-f]{16}|[0-9a-f]{32}|[a-z]{1,16}|[A-Z]{1,7})$/;
const MAX_TEXT = 200;

/**
 * Shapes of credentials. The second layer only: nothing that holds one should come near a log line, but a caller may
 * paste a key where a model's name belongs.
 */
const CREDENTIAL =
  /\b(?:sk-[\w-]{6,}|gsk_\w{6,}|AIza[\w-]{8,}|xai-[\w-]{6,}|AKIA[0-9A-Z]{12,}|clv_(?:api|eng|ws)_[\w-]{8,}|(?:Bearer|Basic)\s+\S+)|(?<=:\/\/)[^\s/@]+(?=@)/g;

/** `text` without credentials of a known shape, at most 200 characters long. */
export function safeText(text: string, max: number = MAX_TEXT): string {
  const clean = text.replace(CREDENTIAL, '[redacted]');
  return clean.length > max ? `${clean.slice(0, max)}…` : clean;
}

/** The allowed part of `fields`, with the number of those left out as `redactedFields`. */
export function allowedFields(
  fields: Record<string, unknown>,
  errorOf: (error: unknown) => unknown,
): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  let dropped = 0;
  for (const name in fields) {
    const value = fields[name];
    if (value === undefined) continue;
    const safe = name === 'err' ? errorOf(value) : ALLOWED.has(name) ? safeValue(value) : undefined;
    if (safe === undefined) dropped += 1;
    else kept[name] = safe;
  }
  return dropped === 0 ? kept : { ...kept, redactedFields: dropped };
}

function safeValue(value: unknown): LogValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value === 'string') return PLAIN.test(value) ? value : safeText(value);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string'))
    return value.slice(0, 20).map((item) => safeText(item));
  return undefined;
}
