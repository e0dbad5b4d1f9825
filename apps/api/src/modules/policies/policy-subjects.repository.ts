import { Injectable } from '@nestjs/common';
import type { PolicyScope } from '#lib/contracts';
import { fromUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import type { PolicyCounts } from './policy.js';

const NOTHING: PolicyCounts = { violations: 0, lastViolationAt: null, approvals: 0 };

/** What policies name, and what goes on around them. */
@Injectable()
export class PolicySubjectsRepository {
  /** Which of these the organization has. */
  async workspaceExists(tx: TenantTx, orgId: string, id: string): Promise<boolean> {
    return (await tx.workspace.count({ where: { orgId: toUuid(orgId), id: toUuid(id) } })) === 1;
  }

  async tokenExists(tx: TenantTx, orgId: string, id: string): Promise<boolean> {
    return (await tx.token.count({ where: { orgId: toUuid(orgId), id: toUuid(id) } })) === 1;
  }

  async keyExists(tx: TenantTx, orgId: string, id: string): Promise<boolean> {
    return (await tx.providerKey.count({ where: { orgId: toUuid(orgId), id: toUuid(id) } })) === 1;
  }

  /** The models that a key is for, its default among them; none: whatever its provider has. */
  async keyModels(tx: TenantTx, orgId: string, id: string): Promise<string[]> {
    const key = await tx.providerKey.findUnique({
      where: { orgId_id: { orgId: toUuid(orgId), id: toUuid(id) } },
      select: { models: true, defaultModel: true },
    });
    if (!key || key.models.length === 0) return [];
    return [...new Set([...key.models, ...(key.defaultModel === null ? [] : [key.defaultModel])])];
  }

  /** Whether the key is assigned, and in use, in every workspace that a scope can reach. */
  async assignedWhere(tx: TenantTx, orgId: string, keyId: string, scope: PolicyScope): Promise<boolean> {
    const [org, key] = [toUuid(orgId), toUuid(keyId)];
    const workspace = scope.type === 'workspace' ? toUuid(scope.id) : null;
    const token = scope.type === 'token' ? toUuid(scope.id) : null;
    const [row] = await tx.$queryRaw<{ lacking: bigint }[]>`
      SELECT count(*) AS lacking FROM workspaces w
      WHERE w.org_id = ${org}::uuid
        AND w.id = coalesce(${workspace}::uuid,
          (SELECT t.workspace_id FROM tokens t WHERE t.org_id = w.org_id AND t.id = ${token}::uuid), w.id)
        AND NOT EXISTS (SELECT FROM assignments a WHERE a.org_id = w.org_id AND a.workspace_id = w.id
                          AND a.provider_key_id = ${key}::uuid AND a.active)`;
    return Number(row?.lacking ?? 1) === 0;
  }

  /** By id of policy, with the database's own clock: it is the one that ends exceptions. */
  async counts(tx: TenantTx, orgId: string, ids: string[]): Promise<(id: string) => PolicyCounts> {
    const rows = await tx.$queryRaw<
      { id: string; violations: bigint; last_at: Date | null; approvals: bigint }[]
    >`
      SELECT p.id::text,
        (SELECT count(*) FROM policy_violations v WHERE v.org_id = p.org_id AND v.policy_id = p.id
           AND v.created_at > clock_timestamp() - interval '30 days') AS violations,
        (SELECT max(v.created_at) FROM policy_violations v WHERE v.org_id = p.org_id AND v.policy_id = p.id) AS last_at,
        (SELECT count(*) FROM policy_approvals a WHERE a.org_id = p.org_id AND a.policy_id = p.id
           AND a.revoked_at IS NULL AND a.expires_at > clock_timestamp()) AS approvals
      FROM policies p WHERE p.org_id = ${toUuid(orgId)}::uuid AND p.id = ANY (${ids.map(toUuid)}::uuid[])`;
    const found = new Map<string, PolicyCounts>(
      rows.map(({ id, violations, last_at, approvals }) => [
        fromUuid('pol', id),
        { violations: Number(violations), lastViolationAt: last_at, approvals: Number(approvals) },
      ]),
    );
    return (id) => found.get(id) ?? NOTHING;
  }
}
