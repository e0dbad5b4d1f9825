import { SecretBytes } from '#lib/kernel';
import type { VaultKmsConfig } from '#lib/config';
import { contextAad } from '../aad.js';
import { KmsError } from '../kms-error.js';
import type { KmsByPrivilege, KmsContext, KmsKeyDescription, KmsRef, Purpose } from '../kms.port.js';
import { transitKey, transitRef, wrappingVersion, type TransitKey } from './vault-ref.js';
import { fieldsOf, VaultTransit, type Fields } from './vault-transit.js';

/**
 * The transit engine of HashiCorp Vault or OpenBao, one privilege at a time; the policies in `infra/terraform/vault` allow
 * each process the same and no more. The context is bound by key derivation (`context` of a derived key), since
 * transit's `datakey` and `rewrap` take no associated data.
 * https://developer.hashicorp.com/vault/api-docs/secret/transit
 */
export const vaultKms: { [P in keyof KmsByPrivilege]: (config: VaultKmsConfig) => KmsByPrivilege[P] } = {
  seal(config) {
    const transit = new VaultTransit(config);
    const derived = new Map<string, Promise<unknown>>();
    return {
      async generateDataKey(ref, context) {
        const key = transitKey(config, ref, context.purpose);
        await once(derived, key.name, () => readDerivedKey(transit, key.name));
        const data = await transit.post('datakey/plaintext', key.name, {
          bits: 256,
          context: contextOf(context),
          ...(key.version !== undefined && { key_version: key.version }),
        });
        return { plaintext: takeKey(data), ...wrappedBy(config, key, data) };
      },
      describe: (ref, purpose) => describe(transit, config, ref, purpose),
    };
  },

  open(config) {
    const transit = new VaultTransit(config);
    return {
      async decrypt(ref, wrapped, context) {
        const key = transitKey(config, ref, context.purpose);
        const ciphertext = ciphertextUnder(key, wrapped);
        return takeKey(await transit.post('decrypt', key.name, { ciphertext, context: contextOf(context) }));
      },
      describe: (ref, purpose) => describe(transit, config, ref, purpose),
    };
  },

  rewrap(config) {
    const transit = new VaultTransit(config);
    return {
      async reEncrypt(from, wrapped, to, context) {
        const [source, target] = [from, to].map((ref) => transitKey(config, ref, context.purpose));
        if (!source || source.name !== target?.name) {
          const why = 'transit re-wraps to a newer version of the same key: rotate it there';
          throw new KmsError('denied', `Vault can't move a data key from ${from} to ${to}: ${why}`);
        }
        const data = await transit.post('rewrap', source.name, {
          ciphertext: ciphertextUnder(source, wrapped),
          context: contextOf(context),
          ...(target.version !== undefined && { key_version: target.version }),
        });
        return wrappedBy(config, source, data);
      },
      describe: (ref, purpose) => describe(transit, config, ref, purpose),
    };
  },
};

/** Reads a key's settings and refuses one that would ignore the context without a word. */
async function readDerivedKey(transit: VaultTransit, name: string): Promise<Fields> {
  const data = await transit.readKey(name);
  if (data.get('derived') === true) return data;
  throw new KmsError(
    'key_gone',
    `the transit key ${name} is not derived, so it would not bind data keys to their secret: make it with derived=true`,
  );
}

async function describe(
  transit: VaultTransit,
  config: VaultKmsConfig,
  ref: KmsRef,
  purpose: Purpose,
): Promise<KmsKeyDescription> {
  const { name, version: asked } = transitKey(config, ref, purpose);
  const data = await readDerivedKey(transit, name);
  const latest = Number(data.get('latest_version'));
  const oldest = Number(data.get('min_decryption_version'));
  const version = asked ?? latest;
  const made = fieldsOf(data.get('keys')).get(String(version));
  if (made === undefined || version < oldest || version > latest) {
    throw new KmsError('key_gone', `the transit key ${name} has no usable version ${version}`);
  }
  return { ref: transitRef(config, name, version), keyCheck: `${name}:v${version}:${String(made)}` };
}

function contextOf(context: KmsContext): string {
  return contextAad(context).toString('base64');
}

/** What was stored, as text for transit; refused here already when it is not wrapped by the version that `ref` names. */
function ciphertextUnder(key: TransitKey, wrapped: Uint8Array): string {
  const ciphertext = Buffer.from(wrapped).toString('latin1');
  const version = wrappingVersion(ciphertext);
  if (version === undefined || (key.version !== undefined && version !== key.version)) {
    throw new KmsError('tampered', 'the wrapped data key is not what transit wrote under this key version');
  }
  return ciphertext;
}

function wrappedBy(config: VaultKmsConfig, key: TransitKey, data: Fields): { wrapped: Buffer; ref: KmsRef } {
  const ciphertext = String(data.get('ciphertext'));
  const version = wrappingVersion(ciphertext);
  if (version === undefined) throw new KmsError('unavailable', 'Vault answered without a ciphertext');
  return { wrapped: Buffer.from(ciphertext, 'latin1'), ref: transitRef(config, key.name, version) };
}

function takeKey(data: Fields): SecretBytes {
  const key = SecretBytes.take(Buffer.from(String(data.get('plaintext') ?? ''), 'base64'));
  if (key.length === 32) return key;
  key.wipe();
  throw new KmsError('tampered', 'Vault answered with a data key that is not 32 bytes long');
}

/** Runs `work` once for each name; a failure is forgotten, so that the next caller asks again. */
function once(known: Map<string, Promise<unknown>>, name: string, work: () => Promise<unknown>) {
  const running = known.get(name) ?? work();
  known.set(name, running);
  running.catch(() => known.delete(name));
  return running;
}
