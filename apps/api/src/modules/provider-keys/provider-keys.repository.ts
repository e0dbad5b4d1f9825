import { Injectable } from '@nestjs/common';
import type { KeyTestResult, ProviderKeyStatus } from '#lib/contracts';
import { toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import { Prisma } from '#prisma-client';
import type { PageWindow } from '../../common/paging.js';
import type { ProviderKey } from './provider-key.js';
import { rememberTest } from './key-health.repository.js';
import { nameTaken } from './provider-keys.errors.js';
import { statusWhere, toKey } from './provider-keys.rows.repository.js';

/** Of a test's message, in characters: it may quote an upstream that talks a lot. */
const MOST_KEPT = 1_000;

export interface KeyFilter {
  provider: string | undefined;
  status: ProviderKeyStatus | undefined;
  name: string | undefined;
  /** Only these keys. */
  ids: string[] | undefined;
  /** Slugs of the providers whose keys need a secret: the status depends on it. */
  needingSecret: string[];
  /** The status of a key that has expired depends on it. */
  now: Date;
}

/** A key to be written: everything but what the database and the engine keep about it. */
export type KeyWrite = Omit<
  ProviderKey,
  | 'secret'
  | 'refusedInARow'
  | 'lastOkAt'
  | 'lastTestedAt'
  | 'lastTestStatus'
  | 'lastTestMessage'
  | 'lastUsedAt'
  | 'revision'
  | 'createdAt'
  | 'updatedAt'
> & { secretId: string | null };

@Injectable()
export class ProviderKeysRepository {
  async list(tx: TenantTx, orgId: string, filter: KeyFilter, window: PageWindow): Promise<ProviderKey[]> {
    const { provider, name, ids, status } = filter;
    const rows = await tx.providerKey.findMany({
      where: {
        orgId: toUuid(orgId),
        ...(provider !== undefined && { provider }),
        ...(name !== undefined && { name: { contains: escapeLike(name), mode: 'insensitive' } }),
        AND: [
          ids === undefined ? {} : { id: { in: ids.map(toUuid) } },
          window.afterId === undefined ? {} : { id: { gt: toUuid(window.afterId) } },
          status === undefined ? {} : statusWhere(status, { ...filter, fields: tx.providerKey.fields }),
        ],
      },
      orderBy: { id: 'asc' },
      take: window.take,
    });
    return this.withSecrets(tx, rows);
  }

  async find(tx: TenantTx, orgId: string, id: string): Promise<ProviderKey | null> {
    const row = await tx.providerKey.findUnique({
      where: { orgId_id: { orgId: toUuid(orgId), id: toUuid(id) } },
    });
    const [key] = await this.withSecrets(tx, row ? [row] : []);
    return key ?? null;
  }

  /** Locks the key's row until the end of the transaction; false when there is none. */
  async lock(tx: TenantTx, orgId: string, id: string): Promise<boolean> {
    const rows = await tx.$queryRaw<unknown[]>`
      SELECT 1 FROM provider_keys WHERE org_id = ${toUuid(orgId)}::uuid AND id = ${toUuid(id)}::uuid FOR UPDATE`;
    return rows.length === 1;
  }

  async hasName(tx: TenantTx, orgId: string, name: string): Promise<boolean> {
    return (await tx.providerKey.count({ where: { orgId: toUuid(orgId), name } })) > 0;
  }

  /** Throws name_taken. ON CONFLICT decides, so that two requests at once cannot both have the name. */
  async insert(tx: TenantTx, key: KeyWrite, createdBy: string): Promise<void> {
    const { count } = await tx.providerKey.createMany({
      data: { ...columns(key), orgId: toUuid(key.orgId), id: toUuid(key.id), createdBy: toUuid(createdBy) },
      skipDuplicates: true,
    });
    if (count === 0) throw nameTaken();
  }

  /** Writes the settings and raises the revision. Throws name_taken. */
  async update(tx: TenantTx, key: KeyWrite): Promise<void> {
    const other = await tx.providerKey.findFirst({
      where: { orgId: toUuid(key.orgId), name: key.name, id: { not: toUuid(key.id) } },
      select: { id: true },
    });
    if (other) throw nameTaken();
    await tx.providerKey.updateMany({
      where: { orgId: toUuid(key.orgId), id: toUuid(key.id) },
      data: { ...columns(key), revision: { increment: 1 }, updatedAt: new Date() },
    });
  }

  /** Forgets what is known of the old secret: the next test and the next calls are about the new one. */
  async forgetTest(tx: TenantTx, orgId: string, id: string): Promise<void> {
    await tx.providerKey.updateMany({
      where: { orgId: toUuid(orgId), id: toUuid(id) },
      data: {
        refusedInARow: 0,
        lastOkAt: null,
        lastTestedAt: null,
        lastTestStatus: null,
        lastTestMessage: null,
      },
    });
  }

  /** Keeps the result of a test. It changes nothing that If-Match protects, so the revision stays. */
  async saveTest(tx: TenantTx, orgId: string, id: string, result: KeyTestResult): Promise<void> {
    await tx.providerKey.updateMany({
      where: { orgId: toUuid(orgId), id: toUuid(id) },
      data: {
        lastTestedAt: new Date(result.testedAt),
        lastTestStatus: result.status,
        lastTestMessage: result.message.slice(0, MOST_KEPT),
        ...(result.ok && { refusedInARow: 0 }),
      },
    });
    await rememberTest(tx, orgId, id, result);
  }

  async delete(tx: TenantTx, orgId: string, id: string): Promise<void> {
    await tx.providerKey.deleteMany({ where: { orgId: toUuid(orgId), id: toUuid(id) } });
  }

  private async withSecrets(tx: TenantTx, rows: Parameters<typeof toKey>[0][]): Promise<ProviderKey[]> {
    const ids = rows.flatMap((row) => row.secretId ?? []);
    const secrets = ids.length === 0 ? [] : await tx.secret.findMany({ where: { id: { in: ids } } });
    return rows.map((row) => toKey(row, secrets.find((secret) => secret.id === row.secretId) ?? null));
  }
}

function columns(key: KeyWrite) {
  const { name, provider, baseUrl, defaultModel, models, enabled, expiresAt } = key;
  return {
    ...{ name, provider, baseUrl, defaultModel, models, enabled, expiresAt },
    secretId: key.secretId && toUuid(key.secretId),
    config: key.config as Prisma.InputJsonObject,
    limits: key.limits ? { ...key.limits } : Prisma.DbNull,
  };
}

/** `%`, `_` and `\` mean themselves in a search. */
function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (char) => `\\${char}`);
}
