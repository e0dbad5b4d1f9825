import { Injectable } from '@nestjs/common';
import type { GateAssignment } from '#lib/catalog';
import type { TestStatus } from '#lib/contracts';
import { fromUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import type { Assignment, Dependents } from './assignment.js';

const SAMPLE = 5;

/** What of a key matters to a workspace. */
export type KeyFacts = Pick<
  GateAssignment,
  | 'aiProviderId'
  | 'name'
  | 'provider'
  | 'baseUrl'
  | 'config'
  | 'keyDefaultModel'
  | 'keyModels'
  | 'enabled'
  | 'expiresAt'
  | 'secretId'
> & {
  mask: string | null;
  lastTestStatus: TestStatus | null;
  lastTestedAt: Date | null;
  refusedInARow: number;
  lastOkAt: Date | null;
};

@Injectable()
export class AssignmentsRepository {
  async workspaceExists(tx: TenantTx, orgId: string, workspaceId: string): Promise<boolean> {
    const id = { orgId: toUuid(orgId), id: toUuid(workspaceId) };
    return (await tx.workspace.count({ where: id })) === 1;
  }

  /** Locks the workspace's row until the end of the transaction; false when there is none. */
  async lockWorkspace(tx: TenantTx, orgId: string, workspaceId: string): Promise<boolean> {
    const rows = await tx.$queryRaw<unknown[]>`
      SELECT 1 FROM workspaces
      WHERE org_id = ${toUuid(orgId)}::uuid AND id = ${toUuid(workspaceId)}::uuid FOR UPDATE`;
    return rows.length === 1;
  }

  /**
   * Locks those of these keys that exist against deletion, in the order of their ids, and answers their ids. Taken before the
   * assignments themselves are touched: deleting a key locks in the same order.
   */
  async lockKeys(tx: TenantTx, orgId: string, ids: string[]): Promise<Set<string>> {
    const rows = await tx.$queryRaw<{ id: string }[]>`
      SELECT id FROM provider_keys
      WHERE org_id = ${toUuid(orgId)}::uuid AND id = ANY(${ids.map(toUuid)}::uuid[]) ORDER BY id FOR KEY SHARE`;
    return new Set(rows.map((row) => fromUuid('aip', row.id)));
  }

  /** The workspace's assignments in the order of choice. */
  async list(tx: TenantTx, orgId: string, workspaceId: string): Promise<Assignment[]> {
    const rows = await tx.assignment.findMany({
      where: { orgId: toUuid(orgId), workspaceId: toUuid(workspaceId) },
      orderBy: [{ priority: 'asc' }, { weight: 'desc' }, { providerKeyId: 'asc' }],
    });
    return rows.map(({ providerKeyId, priority, weight, active, defaultModel, models }) => ({
      aiProviderId: fromUuid('aip', providerKeyId),
      ...{ priority, weight, active, defaultModel, models },
    }));
  }

  async replace(tx: TenantTx, orgId: string, workspaceId: string, assignments: Assignment[]): Promise<void> {
    const where = { orgId: toUuid(orgId), workspaceId: toUuid(workspaceId) };
    await tx.assignment.deleteMany({ where });
    await tx.assignment.createMany({
      data: assignments.map(({ aiProviderId, ...rest }) => ({
        ...where,
        providerKeyId: toUuid(aiProviderId),
        ...rest,
      })),
    });
  }

  async keyFacts(tx: TenantTx, orgId: string, ids: string[]): Promise<Map<string, KeyFacts>> {
    const org = toUuid(orgId);
    const keys = await tx.providerKey.findMany({ where: { orgId: org, id: { in: ids.map(toUuid) } } });
    const secretIds = keys.flatMap((key) => key.secretId ?? []);
    const secrets = await tx.secret.findMany({
      where: { orgId: org, id: { in: secretIds } },
      select: { id: true, mask: true },
    });
    const masks = new Map(secrets.map((secret) => [secret.id, secret.mask]));
    return new Map(
      keys.map((key) => [
        fromUuid('aip', key.id),
        {
          aiProviderId: fromUuid('aip', key.id),
          name: key.name,
          provider: key.provider,
          baseUrl: key.baseUrl,
          config: key.config as Record<string, unknown>,
          keyDefaultModel: key.defaultModel,
          keyModels: key.models,
          enabled: key.enabled,
          expiresAt: key.expiresAt,
          secretId: key.secretId && fromUuid('sec', key.secretId),
          mask: key.secretId && (masks.get(key.secretId) ?? null),
          lastTestStatus: key.lastTestStatus as TestStatus | null,
          lastTestedAt: key.lastTestedAt,
          refusedInARow: key.refusedInARow,
          lastOkAt: key.lastOkAt,
        },
      ]),
    );
  }

  async keysOf(tx: TenantTx, orgId: string, workspaceId: string): Promise<string[]> {
    const rows = await tx.assignment.findMany({
      where: { orgId: toUuid(orgId), workspaceId: toUuid(workspaceId) },
      select: { providerKeyId: true },
    });
    return rows.map((row) => fromUuid('aip', row.providerKeyId));
  }

  /** In how many workspaces each of these keys is, by id; a key in none is left out. */
  async workspaceCounts(tx: TenantTx, orgId: string, ids: string[]): Promise<Map<string, number>> {
    const rows = await tx.assignment.groupBy({
      by: ['providerKeyId'],
      where: { orgId: toUuid(orgId), providerKeyId: { in: ids.map(toUuid) } },
      _count: true,
    });
    return new Map(rows.map((row) => [fromUuid('aip', row.providerKeyId), row._count]));
  }

  async dependents(tx: TenantTx, orgId: string, keyId: string): Promise<Dependents> {
    const where = { orgId: toUuid(orgId), providerKeyId: toUuid(keyId) };
    const workspaces = await tx.assignment.count({ where });
    const rows = await tx.assignment.findMany({
      where,
      select: { workspaceId: true },
      orderBy: { workspaceId: 'asc' },
      take: SAMPLE,
    });
    const judged = { orgId: toUuid(orgId), judgeKeys: { has: toUuid(keyId) } };
    const policies = await tx.policy.count({ where: judged });
    const judges = await tx.policy.findMany({
      where: judged,
      select: { id: true },
      orderBy: { id: 'asc' },
      take: SAMPLE,
    });
    return {
      counts: { workspaces, policies },
      sampleIds: {
        workspaces: rows.map((row) => fromUuid('ws', row.workspaceId)),
        policies: judges.map((row) => fromUuid('pol', row.id)),
      },
    };
  }

  async removeKey(tx: TenantTx, orgId: string, keyId: string): Promise<void> {
    await tx.assignment.deleteMany({ where: { orgId: toUuid(orgId), providerKeyId: toUuid(keyId) } });
  }
}
