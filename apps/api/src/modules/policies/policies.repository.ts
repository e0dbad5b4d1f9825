import { Injectable } from '@nestjs/common';
import type { Policy, PolicyRule, PolicyScope, PolicySeverity } from '#lib/contracts';
import { fromUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import type { Prisma } from '#prisma-client';
import { lockOrg } from '../../common/lock-org.js';
import type { PageWindow } from '../../common/paging.js';
import { nameTaken } from './policies.errors.js';
import type { PolicySettings, PolicyVersion, PolicyWrite } from './policy.js';
import { judgeKeysOf } from './policy-judges.js';

interface SettingsRow {
  name: string;
  description: string;
  workspaceId: string | null;
  tokenId: string | null;
  severity: string;
  enabled: boolean;
  rules: Prisma.JsonValue;
}

interface PolicyRow extends SettingsRow {
  orgId: string;
  id: string;
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

@Injectable()
export class PoliciesRepository {
  async list(tx: TenantTx, orgId: string, { take, afterId }: PageWindow): Promise<Policy[]> {
    const rows = await tx.policy.findMany({
      where: { orgId: toUuid(orgId), ...(afterId === undefined ? {} : { id: { gt: toUuid(afterId) } }) },
      orderBy: { id: 'asc' },
      take,
    });
    return rows.map(policyOf);
  }

  /** Until the end of the transaction no other request counts or adds: the count stays true. */
  async countLocked(tx: TenantTx, orgId: string): Promise<number> {
    await lockOrg(tx, orgId);
    return tx.policy.count({ where: { orgId: toUuid(orgId) } });
  }

  async find(tx: TenantTx, orgId: string, id: string): Promise<Policy | null> {
    const row = await tx.policy.findUnique({ where: key(orgId, id) });
    return row && policyOf(row);
  }

  /** The policy, its row locked until the end of the transaction. */
  async findLocked(tx: TenantTx, orgId: string, id: string): Promise<Policy | null> {
    await tx.$queryRaw`
      SELECT 1 FROM policies WHERE org_id = ${toUuid(orgId)}::uuid AND id = ${toUuid(id)}::uuid FOR UPDATE`;
    return this.find(tx, orgId, id);
  }

  /** The keys that the policy's judges were given; the others of theirs judge while they are assigned. */
  async judgeGrants(tx: TenantTx, orgId: string, id: string): Promise<string[]> {
    const row = await tx.policy.findUnique({ where: key(orgId, id), select: { judgeGrants: true } });
    return (row?.judgeGrants ?? []).map((uuid) => fromUuid('aip', uuid));
  }

  /** Throws name_taken. ON CONFLICT decides, so that two requests at once cannot both have the name. */
  async insert(tx: TenantTx, orgId: string, id: string, settings: PolicyWrite, by: string): Promise<void> {
    const { count } = await tx.policy.createMany({
      data: { orgId: toUuid(orgId), id: toUuid(id), ...living(settings) },
      skipDuplicates: true,
    });
    if (count === 0) throw nameTaken();
    await this.keepVersion(tx, orgId, id, 1, settings, by);
  }

  /** Writes the settings as version `version`. Throws name_taken. */
  async update(
    tx: TenantTx,
    orgId: string,
    id: string,
    version: number,
    settings: PolicyWrite,
    by: string,
  ): Promise<void> {
    const other = await tx.policy.findFirst({
      where: { orgId: toUuid(orgId), name: settings.name, id: { not: toUuid(id) } },
      select: { id: true },
    });
    if (other) throw nameTaken();
    await tx.policy.update({
      where: key(orgId, id),
      data: { ...living(settings), version, updatedAt: new Date() },
    });
    await this.keepVersion(tx, orgId, id, version, settings, by);
  }

  async delete(tx: TenantTx, orgId: string, id: string): Promise<void> {
    await tx.policy.delete({ where: key(orgId, id) });
  }

  /** Newest first. */
  async versions(
    tx: TenantTx,
    orgId: string,
    id: string,
    window: { take: number; before: number | undefined },
  ): Promise<PolicyVersion[]> {
    const rows = await tx.policyVersion.findMany({
      where: {
        orgId: toUuid(orgId),
        policyId: toUuid(id),
        ...(window.before === undefined ? {} : { version: { lt: window.before } }),
      },
      orderBy: { version: 'desc' },
      take: window.take,
    });
    return rows.map(({ version, changedBy, changedAt, ...row }) => ({
      ...settingsOf(row),
      ...{ version, changedBy, changedAt },
    }));
  }

  private async keepVersion(
    tx: TenantTx,
    orgId: string,
    policyId: string,
    version: number,
    settings: PolicySettings,
    changedBy: string,
  ): Promise<void> {
    await tx.policyVersion.create({
      data: { orgId: toUuid(orgId), policyId: toUuid(policyId), version, changedBy, ...columns(settings) },
    });
  }
}

function key(orgId: string, id: string) {
  return { orgId_id: { orgId: toUuid(orgId), id: toUuid(id) } };
}

function columns({ name, description, scope, severity, enabled, rules }: PolicySettings) {
  return {
    ...{ name, description, severity, enabled },
    workspaceId: scope.type === 'workspace' ? toUuid(scope.id) : null,
    tokenId: scope.type === 'token' ? toUuid(scope.id) : null,
    rules: rules.map((rule) => ({ ...rule })),
  };
}

/** Beside what a version keeps: by what the engine finds the keys of its judges. */
function living({ judgeGrants, ...settings }: PolicyWrite) {
  return {
    ...columns(settings),
    ...{ judgeKeys: judgeKeysOf(settings).map(toUuid), judgeGrants: judgeGrants.map(toUuid) },
  };
}

function settingsOf({
  name,
  description,
  workspaceId,
  tokenId,
  severity,
  enabled,
  rules,
}: SettingsRow): PolicySettings {
  return {
    ...{ name, description, enabled },
    scope: scopeOf(workspaceId, tokenId),
    severity: severity as PolicySeverity,
    rules: rules as PolicyRule[],
  };
}

function policyOf({ orgId, id, version, createdAt, updatedAt, ...row }: PolicyRow): Policy {
  return {
    ...settingsOf(row),
    ...{ orgId: fromUuid('org', orgId), id: fromUuid('pol', id), version, createdAt, updatedAt },
  };
}

function scopeOf(workspaceId: string | null, tokenId: string | null): PolicyScope {
  if (workspaceId !== null) return { type: 'workspace', id: fromUuid('ws', workspaceId) };
  return tokenId === null ? { type: 'organization' } : { type: 'token', id: fromUuid('tok', tokenId) };
}
