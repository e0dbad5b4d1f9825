import type { KmsContext, Purpose } from './kms.port.js';

/** Which secret this is. It comes from the caller's tenant and the row's identity, never from an envelope. */
export interface SecretIdentity {
  /** `org_…` */
  orgId: string;
  /** `sec_…` */
  secretId: string;
  /** Counts from 1. */
  version: number;
  purpose: Purpose;
  /** Places (`scheme://host:port`) where the secret may be sent. A set: order and repeats don't matter. */
  origins: readonly string[];
}

/**
 * The authenticated data of an envelope (CUSTODY §1): every field with its length before it, so that no two
 * identities share one encoding, as they could in joined text or in JSON.
 */
export function envelopeAad(deployment: string, identity: SecretIdentity, suite: number): Buffer {
  const origins = [...new Set(identity.origins)].sort();
  return lengthPrefixed([
    'claviger/1',
    deployment,
    identity.orgId,
    identity.secretId,
    uint32(identity.version),
    identity.purpose,
    Buffer.of(suite),
    uint32(origins.length),
    ...origins,
  ]);
}

/** A KMS context as bytes, for adapters that have to authenticate it themselves: sorted by name, length-prefixed. */
export function contextAad(context: KmsContext): Buffer {
  const entries = Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1));
  return lengthPrefixed(['claviger/context/1', ...entries.flat()]);
}

function lengthPrefixed(fields: readonly (string | Buffer)[]): Buffer {
  const parts = fields.flatMap((field) => {
    const bytes = typeof field === 'string' ? Buffer.from(field, 'utf8') : field;
    return [uint32(bytes.length), bytes];
  });
  return Buffer.concat(parts);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
