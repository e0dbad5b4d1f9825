const PREFIX = 'whsec_';
const TOLERANCE_SECONDS = 300;

/** Why a message is not to be believed. */
export type WebhookFault = 'header_missing' | 'too_old' | 'too_new' | 'wrong_signature' | 'not_json';

/** A message that nobody with the secret signed, or that is not of now: answer it with 400 and do nothing. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';

  constructor(
    readonly fault: WebhookFault,
    message: string,
  ) {
    super(message);
  }
}

/** A message. The same `id` may come twice: whoever acts on it remembers it. */
export interface WebhookMessage {
  /** `evt_…` */
  id: string;
  /** e.g. `run.finished` */
  type: string;
  /** When it happened, RFC 3339. */
  timestamp: string;
  data: Record<string, unknown>;
}

/** The headers of the request: those of `fetch`, or those of Node's `http`, whose names are in lower case. */
export type WebhookHeaders =
  { get(name: string): string | null } | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface WebhookRequest {
  /** Exactly as it came: text that was parsed and written again has another signature. */
  body: string | Uint8Array;
  headers: WebhookHeaders;
  /** `whsec_…`; several while one is rotated. */
  secret: string | readonly string[];
  /** How far the time of the message may be from now, in seconds; 300 unless told. */
  toleranceSeconds?: number;
  /** Milliseconds since 1970, for tests. */
  nowMs?: number;
}

/**
 * The message of a request to your webhook, once it is certain that it came from Claviger and is of now (Standard Webhooks 1.0, `v1`).
 * Compares in constant time. Throws WebhookError, and TypeError for a secret that is none.
 */
async function verify({ body, headers, secret, ...when }: WebhookRequest): Promise<WebhookMessage> {
  const { toleranceSeconds = TOLERANCE_SECONDS, nowMs = Date.now() } = when;
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map((name) =>
    headerOf(headers, `webhook-${name}`),
  );
  if (!id || !signatures || !timestamp || !/^\d{1,12}$/.test(timestamp))
    throw new WebhookError(
      'header_missing',
      'webhook-id, webhook-timestamp and webhook-signature are needed',
    );
  const age = nowMs / 1_000 - Number(timestamp);
  if (age > toleranceSeconds) throw new WebhookError('too_old', 'the message is too old');
  if (age < -toleranceSeconds)
    throw new WebhookError('too_new', 'the message is of the future: see your clock');
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const signed = joined(new TextEncoder().encode(`${id}.${timestamp}.`), bytes);
  const keys = await Promise.all((typeof secret === 'string' ? [secret] : secret).map(keyOf));
  if (!(await isSigned(signed, signatures, keys)))
    throw new WebhookError('wrong_signature', 'no signature is one of this message with your secret');
  return { id, ...contentOf(bytes) };
}

/** What receivers of webhooks need. */
export const webhooks = { verify };

function headerOf(headers: WebhookHeaders, name: string): string | undefined {
  if ('get' in headers && typeof headers.get === 'function') return headers.get(name) ?? undefined;
  const value: unknown = Object.entries(headers).find(([known]) => known.toLowerCase() === name)?.[1];
  return typeof value === 'string' ? value : undefined;
}

/** One of several that are parted by blanks suffices: while a secret is rotated there is one of each. Other versions are passed over. */
async function isSigned(
  message: Uint8Array<ArrayBuffer>,
  signatures: string,
  keys: readonly CryptoKey[],
): Promise<boolean> {
  let isFound = false;
  for (const entry of signatures.split(' ')) {
    const signature = entry.startsWith('v1,') ? bytesOf(entry.slice(3)) : null;
    if (!signature) continue;
    for (const key of keys) {
      // All are asked, so that nobody learns from the time which one it was.
      if (await crypto.subtle.verify('HMAC', key, signature, message)) isFound = true;
    }
  }
  return isFound;
}

async function keyOf(secret: string): Promise<CryptoKey> {
  const bytes = secret.startsWith(PREFIX) ? bytesOf(secret.slice(PREFIX.length)) : null;
  if (!bytes || bytes.length === 0) throw new TypeError('the secret of a webhook begins with "whsec_"');
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}

function contentOf(body: Uint8Array): Omit<WebhookMessage, 'id'> {
  let content: unknown;
  try {
    content = JSON.parse(new TextDecoder().decode(body));
  } catch {
    content = null;
  }
  if (!isContent(content)) throw new WebhookError('not_json', 'the body is no {type, timestamp, data}');
  const { type, timestamp, data } = content;
  return { type, timestamp, data };
}

function isContent(value: unknown): value is Omit<WebhookMessage, 'id'> {
  if (typeof value !== 'object' || value === null) return false;
  if (!('type' in value && 'timestamp' in value && 'data' in value)) return false;
  const { type, timestamp, data } = value;
  return (
    typeof type === 'string' && typeof timestamp === 'string' && typeof data === 'object' && data !== null
  );
}
