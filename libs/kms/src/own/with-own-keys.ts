import type { KMSClient } from '@aws-sdk/client-kms';
import type { OrgKmsConfig } from '#lib/config';
import { isOwnKmsRef, ownKmsRef, type OwnKmsKey, type OwnKmsKeys } from '#lib/contracts';
import type { Clock } from '#lib/kernel';
import { decrypt, generateDataKey, reEncrypt, type AwsCredentials } from '../aws/aws-calls.js';
import { KmsError } from '../kms-error.js';
import type { KmsByPrivilege, KmsPrivilege, KmsRef } from '../kms.port.js';
import { ownKeyError, ownKeyProblem } from './own-error.js';
import { RoleSessions, type AskingProcess } from './role-sessions.js';

/** What a process hands in so that keys of organizations' own are used. */
export interface OwnKms {
  /** The settings of tenants. */
  keys: OwnKmsKeys;
  /** Null: the operator has not given this installation an AWS identity. */
  aws: OrgKmsConfig | null;
  clock: Clock;
  /** Whom it asks as, where not by its privilege: what opens signing secrets is another than the engine. */
  process?: AskingProcess;
  /** What a test passes instead of the process's identity. */
  identity?: AwsCredentials;
}

const PROCESSES: Record<KmsPrivilege, AskingProcess> = { seal: 'api', open: 'engine', rewrap: 'worker' };

/**
 * The platform's KMS, and before it the keys of organizations' own. Which key a reference means is looked up in the
 * settings of the organization that the context names; the stored reference is only compared with them. A failure of
 * such a key is never answered with the platform's key or identity.
 */
export const withOwnKeys: {
  [P in KmsPrivilege]: (platform: KmsByPrivilege[P], own: OwnKms | undefined) => KmsByPrivilege[P];
} = {
  seal(platform, facts) {
    const own = new OwnKeys(facts, 'seal');
    return {
      async generateDataKey(ref, context) {
        const key = ref === 'primary' ? await own.active(context.org) : await own.named(ref, context.org);
        if (!key) return platform.generateDataKey(ref, context);
        const made = await own.use(key, (client) => generateDataKey(client, key.keyArn, context));
        return { plaintext: made.plaintext, wrapped: made.wrapped, ref: ownKmsRef(key) };
      },
      describe: platform.describe,
    };
  },

  open(platform, facts) {
    const own = new OwnKeys(facts, 'open');
    return {
      async decrypt(ref, wrapped, context) {
        const key = await own.named(ref, context.org);
        if (!key) return platform.decrypt(ref, wrapped, context);
        return own.use(key, (client) => decrypt(client, key.keyArn, wrapped, context));
      },
      describe: platform.describe,
    };
  },

  rewrap(platform, facts) {
    const own = new OwnKeys(facts, 'rewrap');
    return {
      async reEncrypt(from, wrapped, to, context) {
        const [source, target] = [await own.named(from, context.org), await own.named(to, context.org)];
        if (!source && !target) return platform.reEncrypt(from, wrapped, to, context);
        if (!source || !target) throw acrossAccounts(from, to);
        const keyIds = { from: source.keyArn, to: target.keyArn };
        const next = await own.use(target, (client) => reEncrypt(client, keyIds, wrapped, context));
        return { wrapped: next.wrapped, ref: ownKmsRef(target) };
      },
      describe: platform.describe,
    };
  },
};

/** The keys of organizations' own, as one process may use them. */
class OwnKeys {
  readonly #keys: OwnKmsKeys | undefined;
  readonly #sessions: RoleSessions | undefined;

  constructor(facts: OwnKms | undefined, privilege: KmsPrivilege) {
    this.#keys = facts?.keys;
    this.#sessions = facts?.aws
      ? new RoleSessions(facts.aws, facts.process ?? PROCESSES[privilege], facts.clock, facts.identity)
      : undefined;
  }

  active(orgId: string): Promise<OwnKmsKey | null> {
    return this.#lookUp(async (keys) => keys.active(orgId));
  }

  /** The key that `ref` names; null: a key of the platform. Throws KmsError where it is none of the organization's. */
  async named(ref: KmsRef, orgId: string): Promise<OwnKmsKey | null> {
    if (!isOwnKmsRef(ref)) return null;
    const key = await this.#lookUp(async (keys) => keys.find(orgId, ref));
    if (key) return key;
    throw ownKeyProblem('denied', `${ref} is no key that this organization named`, 'owner');
  }

  async use<T>(key: OwnKmsKey, work: (client: KMSClient) => Promise<T>): Promise<T> {
    if (!this.#sessions)
      throw ownKeyProblem(
        'denied',
        'CLAVIGER_ORG_KMS is off, so no role of an organization is assumed',
        'operator',
      );
    try {
      return await work(await this.#sessions.client(key));
    } catch (error) {
      if (!(error instanceof KmsError)) throw error;
      // A refusal may be about the session, of a role that was made anew: the next call begins another one.
      if (error.kind === 'denied') this.#sessions.forget(key);
      throw ownKeyError(error, key);
    }
  }

  async #lookUp(find: (keys: OwnKmsKeys) => Promise<OwnKmsKey | null>): Promise<OwnKmsKey | null> {
    if (!this.#keys) return null;
    try {
      return await find(this.#keys);
    } catch (error) {
      throw new KmsError('unavailable', 'the settings of the organization could not be read', {
        cause: error,
      });
    }
  }
}

function acrossAccounts(from: KmsRef, to: KmsRef): KmsError {
  const why = 'no one identity may use both; the secret moves when it is rotated';
  return new KmsError('denied', `a data key can't be moved from ${from} to ${to}: ${why}`);
}
