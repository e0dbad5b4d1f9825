import { Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import { toPage, type PageQuery } from '#lib/http';
import { newId, type SecretBytes } from '#lib/kernel';
import { TenantDb, type TenantTx } from '#lib/persistence';
import { coveredRows } from '../../common/covered-rows.js';
import { pageWindow } from '../../common/paging.js';
import { recordChange } from '../../common/record-change.js';
import { normaliseOrigin, type SecretRecord } from './secret.js';
import { SecretSealer } from './secret-sealer.js';
import type { SecretDto, SecretPageDto } from './secrets.dto.js';
import {
  secretInUse,
  secretOwnedByKey,
  secretOwnedByServer,
  toolNameTaken,
  tooManyForTools,
} from './secrets.errors.js';
import { SecretsRepository } from './secrets.repository.js';
import { SecretStore } from './secret-store.js';

const TOPICS = {
  'secrets:CreateSecret': 'secret.created',
  'secrets:RotateSecret': 'secret.rotated',
  'secrets:DeleteSecret': 'secret.deleted',
} as const;

/** Each of them is read with every authorisation. */
const MAX_FOR_TOOLS = 50;

/** Secrets that stand alone: made, replaced and destroyed by an OWNER, linked by keys. Their values are write-only. */
@Injectable()
export class SecretsService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: SecretsRepository,
    private readonly store: SecretStore,
    private readonly sealer: SecretSealer,
  ) {}

  async list(principal: Principal, query: PageQuery): Promise<SecretPageDto> {
    const window = pageWindow('sec', query);
    const rows = await this.db.withOrg(principal.orgId, (tx) =>
      coveredRows(principal, 'secrets:ListSecrets', window, (part) =>
        this.repository.list(tx, principal.orgId, part),
      ),
    );
    return toPage(rows, query.limit, (row) => row.id, toDto);
  }

  async create(
    principal: Principal,
    { name, places, forTools }: { name: string; places: string[]; forTools: boolean },
    packed: SecretBytes,
  ): Promise<SecretDto> {
    const { orgId } = principal;
    const origins = [...new Set(places.map((place, i) => normaliseOrigin(place, `/origins/${i}`)))].sort();
    const secretId = newId('sec');
    const prepared = await this.sealer.prepare({ orgId, secretId, version: 1, origins }, packed);
    return this.db.withOrg(orgId, async (tx) => {
      if (forTools) await this.assertRoom(tx, orgId, name);
      await this.store.add(tx, prepared, { name, ownerKeyId: null, forTools, createdBy: principal.userId });
      await this.audit(tx, principal, 'secrets:CreateSecret', secretId, {
        name,
        origins,
        mask: prepared.mask,
        ...(forTools && { tools: true }),
      });
      return toDto(await this.store.get(tx, orgId, secretId));
    });
  }

  /** Seals a new version for the same places and makes it the one in use. Throws not_found. */
  async rotate(principal: Principal, id: string, packed: SecretBytes): Promise<SecretDto> {
    const { orgId } = principal;
    const { before, version } = await this.db.withOrg(orgId, async (tx) => ({
      before: await this.store.get(tx, orgId, id),
      version: await this.store.nextVersion(tx, orgId, id),
    }));
    assertAlone(before);
    const identity = { orgId, secretId: id, version, origins: before.origins };
    const prepared = await this.sealer.prepare(identity, packed);
    return this.db.withOrg(orgId, async (tx) => {
      await this.store.replace(tx, prepared, { after: before.currentVersion, createdBy: principal.userId });
      const change = {
        mask: [before.mask, prepared.mask],
        version: [before.currentVersion, prepared.version],
      };
      await this.audit(tx, principal, 'secrets:RotateSecret', id, change);
      return toDto(await this.store.get(tx, orgId, id));
    });
  }

  /** Destroys a secret that nothing uses. Throws not_found, or conflict while a key needs it. */
  async delete(principal: Principal, id: string): Promise<void> {
    const { orgId } = principal;
    await this.db.withOrg(orgId, async (tx) => {
      const secret = await this.store.getLocked(tx, orgId, id);
      assertAlone(secret);
      const users = await this.repository.keysUsing(tx, orgId, id);
      if (users.total > 0) throw secretInUse(users.sample, users.total);
      await this.store.destroy(tx, orgId, id);
      await this.audit(tx, principal, 'secrets:DeleteSecret', id, { name: secret.name, mask: secret.mask });
    });
  }

  /** Those for tools are read with every authorisation, and named by their names. Throws conflict and name_taken. */
  private async assertRoom(tx: TenantTx, orgId: string, name: string): Promise<void> {
    const { count, taken } = await this.repository.toolSecretsLocked(tx, orgId, name);
    if (taken) throw toolNameTaken();
    if (count >= MAX_FOR_TOOLS) throw tooManyForTools(MAX_FOR_TOOLS);
  }

  private async audit(
    tx: TenantTx,
    principal: Principal,
    action: keyof typeof TOPICS,
    secretId: string,
    change: Record<string, unknown>,
  ): Promise<void> {
    await recordChange(tx, principal, {
      action,
      target: secretId,
      change,
      topic: TOPICS[action],
      ids: { secretId },
    });
  }
}

/** Throws conflict for a secret that was entered with something else and is changed with it. */
function assertAlone({ ownerKeyId, ownerServerId }: SecretRecord): void {
  if (ownerKeyId) throw secretOwnedByKey(ownerKeyId);
  if (ownerServerId) throw secretOwnedByServer(ownerServerId);
}

function toDto(secret: SecretRecord): SecretDto {
  return {
    id: secret.id,
    orgId: secret.orgId,
    name: secret.name,
    purpose: secret.purpose,
    mask: secret.mask,
    hasValue: true,
    origins: secret.origins,
    version: secret.currentVersion,
    ownerKeyId: secret.ownerKeyId,
    ownerServerId: secret.ownerServerId,
    tools: secret.forTools,
    createdAt: secret.createdAt.toISOString(),
    updatedAt: secret.updatedAt.toISOString(),
  };
}
