import type { KeyLimits, ProviderKeyStatus, TestStatus } from '#lib/contracts';
import { fromUuid } from '#lib/kernel';
import type { Prisma, ProviderKey as KeyRow, Secret as SecretRow } from '#prisma-client';
import type { LinkedSecret, ProviderKey } from './provider-key.js';

/** A row and its secret's as the domain knows them. */
export function toKey(row: KeyRow, secret: SecretRow | null): ProviderKey {
  const {
    orgId,
    id,
    secretId: _secretId,
    createdBy: _createdBy,
    config,
    limits,
    lastTestStatus,
    ...same
  } = row;
  return {
    ...same,
    orgId: fromUuid('org', orgId),
    id: fromUuid('aip', id),
    config: config as Record<string, unknown>,
    limits: limits as KeyLimits | null,
    lastTestStatus: lastTestStatus as TestStatus | null,
    secret: secret && toLinkedSecret(secret, id),
  };
}

function toLinkedSecret(row: SecretRow, keyId: string): LinkedSecret {
  const { mask, origins, currentVersion: version } = row;
  return { id: fromUuid('sec', row.id), owned: row.ownerKeyId === keyId, mask, version, origins };
}

/** `keyStatus` of the catalog room as a condition: the two must agree, which a test holds them to. */
export function statusWhere(
  status: ProviderKeyStatus,
  {
    needingSecret,
    now,
    fields,
  }: { needingSecret: string[]; now: Date; fields: Prisma.TransactionClient['providerKey']['fields'] },
): Prisma.ProviderKeyWhereInput {
  const unconfigured: Prisma.ProviderKeyWhereInput = { secretId: null, provider: { in: needingSecret } };
  const refusedByTest: Prisma.ProviderKeyWhereInput = {
    lastTestStatus: { not: null, notIn: ['ok'] },
    OR: [{ lastOkAt: null }, { lastOkAt: { lte: fields.lastTestedAt } }],
  };
  switch (status) {
    case 'disabled':
      return { enabled: false };
    case 'unconfigured':
      return { enabled: true, ...unconfigured };
    case 'failing':
      return {
        enabled: true,
        NOT: unconfigured,
        OR: [refusedByTest, { refusedInARow: { gte: 3 } }, { expiresAt: { lte: now } }],
      };
    case 'configured':
      return {
        enabled: true,
        NOT: unconfigured,
        refusedInARow: { lt: 3 },
        AND: [
          {
            OR: [
              { lastTestStatus: null },
              { lastTestStatus: 'ok' },
              { lastOkAt: { gt: fields.lastTestedAt } },
            ],
          },
          { OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] },
        ],
      };
  }
}
