import { Injectable } from '@nestjs/common';
import { newId, newSigningSecret } from '#lib/kernel';
import type { TenantDb, TenantTx } from '#lib/persistence';
import { packCredential, SecretSealer, SecretStore, type PreparedVersion } from '../secrets/index.js';
import type { Webhook } from './webhook.js';

/** A new signing secret: what its owner is shown once, and what is stored of it. */
export interface NewSigningSecret {
  shown: string;
  prepared: PreparedVersion;
}

/** Makes and seals what signs a webhook's messages. Nothing in this process opens it again. It goes to no place, so it is bound to none. */
@Injectable()
export class SigningSecrets {
  constructor(
    private readonly sealer: SecretSealer,
    private readonly store: SecretStore,
  ) {}

  /** The first secret of a webhook. Before the transaction: a KMS may be asked. Throws kms_unavailable. */
  first(orgId: string): Promise<NewSigningSecret> {
    return this.#seal(orgId, newId('sec'), 1);
  }

  /** The next one of the same webhook. */
  async next(db: TenantDb, { orgId, secret }: Webhook): Promise<NewSigningSecret> {
    const version = await db.withOrg(orgId, (tx) => this.store.nextVersion(tx, orgId, secret.id));
    return this.#seal(orgId, secret.id, version);
  }

  async keep(tx: TenantTx, { prepared }: NewSigningSecret, name: string, createdBy: string): Promise<string> {
    await this.store.add(tx, prepared, { name, ownerKeyId: null, createdBy });
    return prepared.secretId;
  }

  /** Throws conflict when another one came first. */
  async rotate(
    tx: TenantTx,
    { prepared }: NewSigningSecret,
    { secret }: Webhook,
    by: { createdBy: string; overlapSeconds: number },
  ): Promise<void> {
    const succession = { after: secret.version, createdBy: by.createdBy };
    await this.store.replaceWithOverlap(tx, prepared, succession, by.overlapSeconds);
  }

  async #seal(orgId: string, secretId: string, version: number): Promise<NewSigningSecret> {
    const shown = newSigningSecret();
    const identity = { orgId, secretId, version, origins: [], purpose: 'webhook' as const };
    return { shown, prepared: await this.sealer.prepare(identity, packCredential(shown)) };
  }
}
