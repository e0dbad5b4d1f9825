import { Injectable } from '@nestjs/common';
import type { ModelAlias } from '#lib/contracts';
import { fromUuid, newUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';

@Injectable()
export class ModelAliasesRepository {
  /** By name; the organization's before those of workspaces. */
  async list(tx: TenantTx, orgId: string): Promise<ModelAlias[]> {
    const rows = await tx.modelAlias.findMany({
      where: { orgId: toUuid(orgId) },
      orderBy: [{ name: 'asc' }, { workspaceId: { sort: 'asc', nulls: 'first' } }],
      select: { name: true, workspaceId: true, models: true },
    });
    return rows.map((row) => ({
      ...row,
      workspaceId: row.workspaceId === null ? null : fromUuid('ws', row.workspaceId),
    }));
  }

  /** Whoever replaces the aliases of an organization waits for whoever does so already. */
  async lock(tx: TenantTx, orgId: string): Promise<void> {
    await tx.$queryRaw`SELECT 1 FROM orgs WHERE org_id = ${toUuid(orgId)}::uuid FOR UPDATE`;
  }

  async replace(tx: TenantTx, orgId: string, aliases: readonly ModelAlias[]): Promise<void> {
    const org = toUuid(orgId);
    await tx.modelAlias.deleteMany({ where: { orgId: org } });
    await tx.modelAlias.createMany({
      data: aliases.map(({ name, workspaceId, models }) => ({
        ...{ orgId: org, id: newUuid(), name, models },
        workspaceId: workspaceId === null ? null : toUuid(workspaceId),
      })),
    });
  }

  /** How many of these workspaces the organization has; each stays until the transaction ends. */
  async countWorkspaces(tx: TenantTx, orgId: string, ids: readonly string[]): Promise<number> {
    const rows = await tx.$queryRaw<object[]>`
      SELECT 1 FROM workspaces WHERE org_id = ${toUuid(orgId)}::uuid AND id = ANY (${ids.map(toUuid)}::uuid[])
      FOR KEY SHARE`;
    return rows.length;
  }

  /** How many of these keys the organization has. */
  countKeys(tx: TenantTx, orgId: string, ids: readonly string[]): Promise<number> {
    return tx.providerKey.count({ where: { orgId: toUuid(orgId), id: { in: ids.map(toUuid) } } });
  }

  /** Of these names those that a key or an assignment of the organization has as a model. */
  async namedByKeys(tx: TenantTx, orgId: string, names: readonly string[]): Promise<Set<string>> {
    const org = toUuid(orgId);
    const rows = await tx.$queryRaw<{ name: string }[]>`
      SELECT n AS name FROM unnest(${[...names]}::text[]) AS n
      WHERE EXISTS (SELECT 1 FROM provider_keys k WHERE k.org_id = ${org}::uuid AND (k.default_model = n OR n = ANY (k.models)
        OR jsonb_exists(k.config->'deployments', n)))
        OR EXISTS (SELECT 1 FROM assignments a WHERE a.org_id = ${org}::uuid AND (a.default_model = n OR n = ANY (a.models)))`;
    return new Set(rows.map(({ name }) => name));
  }
}
