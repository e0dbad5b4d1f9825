import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';

export type WireContext = Record<string, string>;

/** A refusal as AWS words it: `__type` and a message. */
export class WireFault extends Error {
  readonly type: string;
  readonly status: number;

  constructor(type: string, message: string, status = 400) {
    super(message);
    this.type = type;
    this.status = status;
  }
}

interface MasterKey {
  arn: string;
  id: string;
  bytes: Buffer;
  state: 'Enabled' | 'Disabled' | 'PendingDeletion';
  /** Only sessions of this role may use it; undefined: a key of the platform's account, for its own access keys. */
  roleArn?: string;
}

const TAG_LENGTH = 16;
const NONCE_LENGTH = 12;
const ID_LENGTH = 36;

/** Master keys in memory. A blob carries its key's id, as real ones do, and has the context as its AAD. */
export class KeyStore {
  readonly #keys = new Map<string, MasterKey>();
  readonly #aliases = new Map<string, string>();

  create(alias?: string, roleArn?: string): string {
    const id = randomUUID();
    const account = roleArn?.split(':')[4] ?? '111122223333';
    const arn = `arn:aws:kms:eu-central-1:${account}:key/${id}`;
    this.#keys.set(id, { arn, id, bytes: randomBytes(32), state: 'Enabled', roleArn });
    if (alias) this.#aliases.set(alias, id);
    return arn;
  }

  setState(name: string, state: MasterKey['state']): void {
    this.find(name).state = state;
  }

  find(name: string): MasterKey {
    const short = name.slice(name.lastIndexOf(':') + 1);
    const id = this.#aliases.get(short) ?? short.replace(/^key\//, '');
    const key = this.#keys.get(id);
    if (!key) throw new WireFault('NotFoundException', `Key '${name}' does not exist`);
    return key;
  }

  usable(name: string): MasterKey {
    const key = this.find(name);
    if (key.state === 'Disabled') throw new WireFault('DisabledException', `${key.arn} is disabled.`);
    if (key.state === 'PendingDeletion') {
      throw new WireFault('KMSInvalidStateException', `${key.arn} is pending deletion.`);
    }
    return key;
  }

  wrap(key: MasterKey, plaintext: Uint8Array, context: WireContext): Buffer {
    const nonce = randomBytes(NONCE_LENGTH);
    const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce, { authTagLength: TAG_LENGTH });
    cipher.setAAD(canonical(context));
    const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    return Buffer.concat([Buffer.from(key.id, 'latin1'), nonce, body, cipher.getAuthTag()]);
  }

  unwrap(
    blob: Buffer,
    context: WireContext,
    expectedKey: string | undefined,
  ): { key: MasterKey; plaintext: Buffer } {
    if (blob.length < ID_LENGTH + NONCE_LENGTH + TAG_LENGTH || !this.#keys.has(idOf(blob))) throw invalid();
    const key = this.usable(idOf(blob));
    if (expectedKey !== undefined && this.usable(expectedKey) !== key) {
      throw new WireFault(
        'IncorrectKeyException',
        'The key ID in the request does not identify the CMK of the blob.',
      );
    }
    const nonce = blob.subarray(ID_LENGTH, ID_LENGTH + NONCE_LENGTH);
    const decipher = createDecipheriv('aes-256-gcm', key.bytes, nonce, { authTagLength: TAG_LENGTH });
    decipher.setAAD(canonical(context));
    decipher.setAuthTag(blob.subarray(-TAG_LENGTH));
    try {
      const body = decipher.update(blob.subarray(ID_LENGTH + NONCE_LENGTH, -TAG_LENGTH));
      return { key, plaintext: Buffer.concat([body, decipher.final()]) };
    } catch {
      throw invalid();
    }
  }
}

/** AWS authenticates the pairs, not their order. */
function canonical(context: WireContext): Buffer {
  return Buffer.from(JSON.stringify(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))));
}

function idOf(blob: Buffer): string {
  return blob.subarray(0, ID_LENGTH).toString('latin1');
}

function invalid(): WireFault {
  return new WireFault('InvalidCiphertextException', '');
}
