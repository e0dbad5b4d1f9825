import { Injectable } from '@nestjs/common';
import { fromUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import { lockOrg } from '../../common/lock-org.js';
import type { PageWindow } from '../../common/paging.js';
import type {
  PreparedVersion,
  SecretFacts,
  SecretRecord,
  SecretVersionRecord,
  SecretVersionState,
} from './secret.js';

const VERSION_FIELDS = {
  version: true,
  state: true,
  createdBy: true,
  createdAt: true,
  retiredAt: true,
} as const;

interface SecretRow {
  orgId: string;
  id: string;
  name: string;
  purpose: string;
  origins: string[];
  mask: string;
  currentVersion: number;
  ownerKeyId: string | null;
  forTools: boolean;
  createdAt: Date;
  updatedAt: Date;
}

@Injectable()
export class SecretsRepository {
  /** Those for calls: signing secrets are their webhooks' own. */
  async list(tx: TenantTx, orgId: string, window: PageWindow): Promise<SecretRecord[]> {
    const rows = await tx.secret.findMany({
      where: {
        orgId: toUuid(orgId),
        purpose: 'call',
        ...(window.afterId && { id: { gt: toUuid(window.afterId) } }),
      },
      orderBy: { id: 'asc' },
      take: window.take,
    });
    const owners = await this.owners(
      tx,
      orgId,
      rows.map(({ id }) => id),
    );
    return rows.map((row) => toRecord(row, owners));
  }

  async find(tx: TenantTx, orgId: string, id: string): Promise<SecretRecord | null> {
    const row = await tx.secret.findUnique({ where: { orgId_id: { orgId: toUuid(orgId), id: toUuid(id) } } });
    return row && toRecord(row, await this.owners(tx, orgId, [row.id]));
  }

  /** Locks the secret's row until the end of the transaction; false when there is none. */
  async lock(tx: TenantTx, orgId: string, id: string): Promise<boolean> {
    const rows = await tx.$queryRaw<unknown[]>`
      SELECT 1 FROM secrets WHERE org_id = ${toUuid(orgId)}::uuid AND id = ${toUuid(id)}::uuid FOR UPDATE`;
    return rows.length === 1;
  }

  /** How many keys are linked to the secret, and the ids of some of them. */
  async keysUsing(tx: TenantTx, orgId: string, id: string): Promise<{ total: number; sample: string[] }> {
    const where = { orgId: toUuid(orgId), secretId: toUuid(id) };
    const total = await tx.providerKey.count({ where });
    const rows = await tx.providerKey.findMany({
      where,
      select: { id: true },
      orderBy: { id: 'asc' },
      take: 5,
    });
    return { total, sample: rows.map((row) => fromUuid('aip', row.id)) };
  }

  /** The names of other secrets of this organization that hold the same value. */
  async sameValue(tx: TenantTx, orgId: string, fingerprint: Buffer, exceptId: string): Promise<string[]> {
    const rows = await tx.secret.findMany({
      where: {
        orgId: toUuid(orgId),
        fingerprint: Uint8Array.from(fingerprint),
        id: { not: toUuid(exceptId) },
      },
      select: { name: true },
      orderBy: { id: 'asc' },
      take: 3,
    });
    return rows.map((row) => row.name);
  }

  /** How many secrets tools may name, and whether one of them has this name. Stays true until the end of the transaction. */
  async toolSecretsLocked(
    tx: TenantTx,
    orgId: string,
    name: string,
  ): Promise<{ count: number; taken: boolean }> {
    await lockOrg(tx, orgId);
    const where = { orgId: toUuid(orgId), forTools: true };
    const count = await tx.secret.count({ where });
    return { count, taken: (await tx.secret.count({ where: { ...where, name } })) > 0 };
  }

  async insert(tx: TenantTx, prepared: PreparedVersion, facts: SecretFacts): Promise<void> {
    await tx.secret.createMany({
      data: {
        orgId: toUuid(prepared.orgId),
        id: toUuid(prepared.secretId),
        name: facts.name,
        purpose: prepared.purpose,
        origins: prepared.origins,
        mask: prepared.mask,
        fingerprint: Uint8Array.from(prepared.fingerprint),
        currentVersion: prepared.version,
        ownerKeyId: facts.ownerKeyId && toUuid(facts.ownerKeyId),
        forTools: facts.forTools ?? false,
      },
    });
  }

  async makeCurrent(tx: TenantTx, prepared: PreparedVersion): Promise<void> {
    await tx.secret.updateMany({
      where: { orgId: toUuid(prepared.orgId), id: toUuid(prepared.secretId) },
      data: {
        currentVersion: prepared.version,
        origins: prepared.origins,
        mask: prepared.mask,
        fingerprint: Uint8Array.from(prepared.fingerprint),
        updatedAt: new Date(),
      },
    });
  }

  async versions(tx: TenantTx, orgId: string, id: string): Promise<SecretVersionRecord[]> {
    const rows = await tx.secretVersion.findMany({
      where: { orgId: toUuid(orgId), secretId: toUuid(id) },
      select: VERSION_FIELDS,
      orderBy: { version: 'desc' },
    });
    return rows.map((row) => ({
      ...row,
      state: row.state as SecretVersionState,
      createdBy: row.createdBy && fromUuid('usr', row.createdBy),
    }));
  }

  /** The highest number that a version ever had; 0 when there is none. Numbers are never used twice. */
  async latestVersion(tx: TenantTx, orgId: string, id: string): Promise<number> {
    const { _max } = await tx.secretVersion.aggregate({
      where: { orgId: toUuid(orgId), secretId: toUuid(id) },
      _max: { version: true },
    });
    return _max.version ?? 0;
  }

  async disown(tx: TenantTx, orgId: string, id: string): Promise<void> {
    await tx.secret.updateMany({
      where: { orgId: toUuid(orgId), id: toUuid(id) },
      data: { ownerKeyId: null },
    });
  }

  /** Removes the rows of a secret whose versions were erased. */
  async remove(tx: TenantTx, orgId: string, id: string): Promise<void> {
    await tx.secretVersion.deleteMany({ where: { orgId: toUuid(orgId), secretId: toUuid(id) } });
    await tx.secret.deleteMany({ where: { orgId: toUuid(orgId), id: toUuid(id) } });
  }

  /** The MCP servers that these secrets were entered with, by the secret's uuid. */
  private async owners(tx: TenantTx, orgId: string, ids: string[]): Promise<Map<string, string>> {
    const rows = await tx.mcpServer.findMany({
      where: { orgId: toUuid(orgId), secretId: { in: ids } },
      select: { id: true, secretId: true },
    });
    return new Map(rows.flatMap(({ id, secretId }) => (secretId ? [[secretId, fromUuid('mcp', id)]] : [])));
  }
}

function toRecord(row: SecretRow, owners: ReadonlyMap<string, string>): SecretRecord {
  const { orgId, id, ownerKeyId, ...rest } = row;
  return {
    ...rest,
    orgId: fromUuid('org', orgId),
    id: fromUuid('sec', id),
    ownerKeyId: ownerKeyId && fromUuid('aip', ownerKeyId),
    ownerServerId: owners.get(id) ?? null,
  };
}
