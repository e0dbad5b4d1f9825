import { Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import type { KeyTestResult } from '#lib/contracts';
import type { SecretBytes } from '#lib/kernel';
import { TenantDb, type TenantTx } from '#lib/persistence';
import { recordChange } from '../../common/record-change.js';
import { SecretStore, type PreparedVersion } from '../secrets/index.js';
import { EngineClient } from './engine-client.js';
import { KeyIntake } from './key-intake.js';
import { KeyRows } from './key-rows.js';
import { mayGoTo, type LinkedSecret } from './provider-key.js';
import { changeTheKey, nothingToRotate, rotateTheSecret } from './provider-keys.errors.js';
import type { RotationResultDto } from './provider-keys.responses.dto.js';

interface Start {
  old: LinkedSecret;
  version: number;
  /** What the new version is sealed for. */
  origins: string[];
  tokenUri: string | null;
}

/** Rotation in place: same key, new version of its secret, no call without a working one (PRODUCT #23, CUSTODY §5). */
@Injectable()
export class RotateKeyService {
  constructor(
    private readonly db: TenantDb,
    private readonly rows: KeyRows,
    private readonly intake: KeyIntake,
    private readonly store: SecretStore,
    private readonly engine: EngineClient,
  ) {}

  /**
   * Seals the new secret as a waiting version, has the engine test it, and puts it in place of the old one, which drains. When
   * the vendor refuses it, it is erased and the old one stays: an answer with `ok: false`.
   * Throws not_found, plan_read_only, conflict, secret_required, validation_failed and egress_blocked as entering the key did,
   * kms_unavailable, engine_unavailable.
   */
  async rotate(principal: Principal, id: string, entered: SecretBytes): Promise<RotationResultDto> {
    try {
      const { orgId } = principal;
      const { old, version, origins, tokenUri } = await this.start(principal, id, entered);
      await this.intake.guardUrl(orgId, tokenUri, '/secret');
      const prepared = await this.intake.seal({ orgId, secretId: old.id, version }, origins, entered);
      await this.hold(principal, id, prepared, old.version);
      const result = await this.testAndSettle(principal, id, prepared, old);
      return { ...result, version: result.ok ? version : old.version };
    } finally {
      entered.wipe();
    }
  }

  private async start(principal: Principal, id: string, entered: SecretBytes): Promise<Start> {
    const { orgId } = principal;
    return this.db.withOrg(orgId, async (tx) => {
      const key = await this.rows.get(tx, orgId, id);
      await this.rows.assertWritable(tx, orgId, id);
      const old = key.secret;
      if (!old) throw nothingToRotate();
      if (!old.owned) throw rotateTheSecret(old.id);
      const { places, tokenUri } = this.intake.check(
        await this.intake.provider(tx, key.provider),
        key,
        entered,
      );
      await this.assertFits(tx, orgId, old, places);
      const version = await this.store.nextVersion(tx, orgId, old.id);
      return { old, version, origins: mayGoTo(old, places) ? old.origins : places, tokenUri };
    });
  }

  /**
   * Another form of credential may go to other places, such as where a service account gets its tokens. Refused when another
   * key is linked to the secret, which would lose it. Throws conflict.
   */
  private async assertFits(tx: TenantTx, orgId: string, old: LinkedSecret, places: string[]): Promise<void> {
    if (!mayGoTo(old, places) && (await this.store.isShared(tx, orgId, old.id))) throw changeTheKey(places);
  }

  private async hold(
    principal: Principal,
    id: string,
    prepared: PreparedVersion,
    after: number,
  ): Promise<void> {
    await this.db.withOrg(principal.orgId, async (tx) => {
      await this.store.addPending(tx, prepared, { after, createdBy: principal.userId });
      await this.record(tx, principal, id, {
        version: prepared.version,
        state: 'pending',
        mask: prepared.mask,
      });
    });
  }

  /** The engine's verdict on the waiting version; without one, or when another version came first, it is erased. */
  private async testAndSettle(
    principal: Principal,
    id: string,
    prepared: PreparedVersion,
    old: LinkedSecret,
  ): Promise<KeyTestResult> {
    try {
      const result = await this.engine.test(principal, id, prepared.version);
      await this.settle(principal, id, prepared, old, result);
      return result;
    } catch (error) {
      await this.db.withOrg(principal.orgId, async (tx) => {
        await this.store.discard(tx, prepared);
        await this.record(tx, principal, id, { version: prepared.version, state: 'shredded', tested: false });
      });
      throw error;
    }
  }

  private async settle(
    principal: Principal,
    id: string,
    prepared: PreparedVersion,
    old: LinkedSecret,
    result: KeyTestResult,
  ): Promise<void> {
    const { orgId } = principal;
    const { version } = prepared;
    await this.db.withOrg(orgId, async (tx) => {
      await this.rows.getLocked(tx, orgId, id);
      if (result.ok) {
        await this.rows.assertWritable(tx, orgId, id);
        await this.store.activate(tx, prepared, old.version);
        await this.assertFits(tx, orgId, old, prepared.origins);
        await this.rows.saveTest(tx, orgId, id, result);
        await this.record(tx, principal, id, {
          version: [old.version, version],
          mask: [old.mask, prepared.mask],
        });
      } else {
        await this.store.discard(tx, prepared);
        await this.record(tx, principal, id, { version, state: 'shredded', status: result.status });
      }
    });
  }

  private async record(
    tx: TenantTx,
    principal: Principal,
    id: string,
    change: Record<string, unknown>,
  ): Promise<void> {
    await recordChange(tx, principal, {
      action: 'aiProviders:RotateAiProvider',
      target: id,
      change,
      topic: 'provider-key.updated',
      ids: { aiProviderId: id },
    });
  }
}
