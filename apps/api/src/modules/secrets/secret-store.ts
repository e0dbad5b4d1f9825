import { Inject, Injectable } from '@nestjs/common';
import { notFound, ROTATION_MS } from '#lib/contracts';
import { isId, type Clock } from '#lib/kernel';
import {
  activateSecretVersion,
  appendOutbox,
  drainSecretVersionFor,
  insertSecretVersion,
  shredSecretVersions,
  type TenantTx,
} from '#lib/persistence';
import { CLOCK } from '../../common/tokens.js';
import type {
  PreparedVersion,
  SecretFacts,
  SecretPurpose,
  SecretRecord,
  SecretVersionRecord,
} from './secret.js';
import { replacedMeanwhile, rotationRuns } from './secrets.errors.js';
import { SecretsRepository } from './secrets.repository.js';

/** Which version a new one follows, and who made it. */
export interface Succession {
  after: number;
  createdBy: string;
}

/** The sealed store, as rooms that own secrets use it inside their own transactions. */
@Injectable()
export class SecretStore {
  constructor(
    private readonly repository: SecretsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Stores version 1 of a new secret. */
  async add(
    tx: TenantTx,
    prepared: PreparedVersion,
    facts: SecretFacts & { createdBy: string },
  ): Promise<void> {
    await this.repository.insert(tx, prepared, facts);
    await insertSecretVersion(tx, versionRow(prepared, 'active', facts.createdBy));
  }

  /** Makes `prepared` the version in use; the one before drains. Throws conflict when another one came first, or not_found. */
  async replace(tx: TenantTx, prepared: PreparedVersion, succession: Succession): Promise<void> {
    await this.assertCurrent(tx, prepared, succession.after);
    await insertSecretVersion(tx, versionRow(prepared, 'pending', succession.createdBy));
    await this.makeCurrent(tx, prepared);
  }

  /**
   * Makes `prepared` the version in use; the one before serves beside it for so many seconds and is erased within ten minutes of their
   * end (0: now), one that still did so is erased now. Throws what `replace` does.
   */
  async replaceWithOverlap(
    tx: TenantTx,
    prepared: PreparedVersion,
    succession: Succession,
    overlapSeconds: number,
  ): Promise<void> {
    const { orgId, secretId } = prepared;
    await this.assertCurrent(tx, prepared, succession.after);
    for (const { version, state } of await this.repository.versions(tx, orgId, secretId))
      if (state === 'draining') await shredSecretVersions(tx, secretId, version);
    await insertSecretVersion(tx, versionRow(prepared, 'pending', succession.createdBy));
    const retired = await this.swap(tx, prepared);
    if (retired === null) return;
    if (overlapSeconds === 0) await shredSecretVersions(tx, secretId, retired);
    else await drainSecretVersionFor(tx, secretId, retired, overlapSeconds);
  }

  /** Stores a version that waits to be tested. Throws conflict when another one came first or waits, or not_found. */
  async addPending(tx: TenantTx, prepared: PreparedVersion, succession: Succession): Promise<void> {
    await this.assertCurrent(tx, prepared, succession.after);
    const { orgId, secretId } = prepared;
    const waiting = (await this.repository.versions(tx, orgId, secretId)).filter(
      ({ state }) => state === 'pending',
    );
    const oldest = this.clock.now().getTime() - ROTATION_MS;
    if (waiting.some(({ createdAt }) => createdAt.getTime() > oldest)) throw rotationRuns();
    for (const { version } of waiting) await shredSecretVersions(tx, secretId, version);
    await insertSecretVersion(tx, versionRow(prepared, 'pending', succession.createdBy));
  }

  /** Makes a waiting version the one in use. Throws conflict when another one came first, or it waited so long that it was erased. */
  async activate(tx: TenantTx, prepared: PreparedVersion, after: number): Promise<void> {
    await this.assertCurrent(tx, prepared, after);
    await this.makeCurrent(tx, prepared);
  }

  /** Erases a version that will not be used. */
  async discard(tx: TenantTx, { secretId, version }: PreparedVersion): Promise<void> {
    await shredSecretVersions(tx, secretId, version);
  }

  /** Whether more than one key uses the secret. */
  async isShared(tx: TenantTx, orgId: string, id: string): Promise<boolean> {
    return (await this.repository.keysUsing(tx, orgId, id)).total > 1;
  }

  /** The number of the next version. */
  async nextVersion(tx: TenantTx, orgId: string, id: string): Promise<number> {
    return (await this.repository.latestVersion(tx, orgId, id)) + 1;
  }

  /**
   * The secret with this id and purpose in the organization. Throws the one not_found for a foreign, unknown or malformed id: a
   * secret of another purpose does not exist for who asks for this one.
   */
  async get(tx: TenantTx, orgId: string, id: string, purpose: SecretPurpose = 'call'): Promise<SecretRecord> {
    const secret = isId('sec', id) ? await this.repository.find(tx, orgId, id) : null;
    if (secret?.purpose !== purpose) throw notFound();
    return secret;
  }

  /** The same, locked: it cannot be destroyed until the transaction ends. */
  async getLocked(
    tx: TenantTx,
    orgId: string,
    id: string,
    purpose: SecretPurpose = 'call',
  ): Promise<SecretRecord> {
    if (!isId('sec', id) || !(await this.repository.lock(tx, orgId, id))) throw notFound();
    return this.get(tx, orgId, id, purpose);
  }

  /** Names of other secrets of the organization with the same value. */
  sameValue(tx: TenantTx, prepared: PreparedVersion): Promise<string[]> {
    return this.repository.sameValue(tx, prepared.orgId, prepared.fingerprint, prepared.secretId);
  }

  /** Versions of a secret, newest first. */
  versions(tx: TenantTx, orgId: string, id: string): Promise<SecretVersionRecord[]> {
    return this.repository.versions(tx, orgId, id);
  }

  /** Erases every sealed byte of a secret, and its rows. */
  async destroy(tx: TenantTx, orgId: string, id: string): Promise<void> {
    await shredSecretVersions(tx, id);
    await this.repository.remove(tx, orgId, id);
  }

  /**
   * Lets go of the secret that a deleted or changed key used. One that was entered with that key is destroyed, unless another
   * key was linked to it since: then it stands alone from now on. A secret of the store's own stays.
   */
  async release(tx: TenantTx, orgId: string, id: string, keyId: string): Promise<{ destroyed: boolean }> {
    const { ownerKeyId } = await this.getLocked(tx, orgId, id);
    if (ownerKeyId !== keyId) return { destroyed: false };
    if ((await this.repository.keysUsing(tx, orgId, id)).total > 0) {
      await this.repository.disown(tx, orgId, id);
      return { destroyed: false };
    }
    await this.destroy(tx, orgId, id);
    await appendOutbox(tx, { orgId, topic: 'secret.deleted', ids: { secretId: id } });
    return { destroyed: true };
  }

  private async assertCurrent(
    tx: TenantTx,
    { orgId, secretId, purpose }: PreparedVersion,
    version: number,
  ): Promise<void> {
    const { currentVersion } = await this.getLocked(tx, orgId, secretId, purpose);
    if (currentVersion !== version) throw replacedMeanwhile();
  }

  private async makeCurrent(tx: TenantTx, prepared: PreparedVersion): Promise<void> {
    const { orgId, secretId } = prepared;
    const retired = await this.swap(tx, prepared);
    if (retired === null) return;
    // The worker erases what drained, a quarter of an hour from now.
    await appendOutbox(tx, { orgId, topic: 'secret-version.retired', ids: { secretId, version: retired } });
  }

  /** Answers the version that was in use until now. */
  private async swap(tx: TenantTx, prepared: PreparedVersion): Promise<number | null> {
    const { activated, retired } = await activateSecretVersion(tx, prepared.secretId, prepared.version);
    if (!activated) throw replacedMeanwhile();
    await this.repository.makeCurrent(tx, prepared);
    return retired;
  }
}

function versionRow(prepared: PreparedVersion, state: 'pending' | 'active', createdBy: string) {
  const { orgId, secretId, version, origins, sealed } = prepared;
  return { ...{ orgId, secretId, version, origins, state, createdBy }, ...sealed };
}
