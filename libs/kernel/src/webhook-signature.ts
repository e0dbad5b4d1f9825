import { randomBytes } from 'node:crypto';
import { hmacSha256 } from './hashing.js';

const PREFIX = 'whsec_';

/** A new signing secret as its owner gets it: `whsec_` and 256 random bits in base64 (Standard Webhooks 1.0). */
export function newSigningSecret(): string {
  return PREFIX + randomBytes(32).toString('base64');
}

/**
 * One entry of the header `webhook-signature`: HMAC-SHA256 over id, time and body (Standard Webhooks 1.0, `v1`).
 *
 * @param secret as `newSigningSecret` made it
 * @param message `webhook-id`, `webhook-timestamp` in whole Unix seconds, and the body exactly as it is sent
 */
export function webhookSignature(
  secret: string,
  { id, timestamp, body }: { id: string; timestamp: number; body: string },
): string {
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  try {
    return `v1,${hmacSha256(key, `${id}.${timestamp}.${body}`).toString('base64')}`;
  } finally {
    key.fill(0);
  }
}
