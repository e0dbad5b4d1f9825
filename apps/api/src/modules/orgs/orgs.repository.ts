import { Injectable } from '@nestjs/common';
import { fromUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import type { Org, OrgCounts } from './org.js';

@Injectable()
export class OrgsRepository {
  async get(tx: TenantTx, orgId: string): Promise<Org> {
    return orgOf(await tx.org.findUniqueOrThrow({ where: { orgId: toUuid(orgId) } }));
  }

  /** Whoever changes the organization waits for whoever does so already. */
  async lock(tx: TenantTx, orgId: string): Promise<void> {
    await tx.$queryRaw`SELECT 1 FROM orgs WHERE org_id = ${toUuid(orgId)}::uuid FOR UPDATE`;
  }

  async rename(tx: TenantTx, orgId: string, name: string, updatedAt: Date): Promise<Org> {
    return orgOf(await tx.org.update({ where: { orgId: toUuid(orgId) }, data: { name, updatedAt } }));
  }

  /** How much there is of what a deletion takes. */
  async counts(tx: TenantTx): Promise<OrgCounts> {
    return {
      members: await tx.member.count(),
      workspaces: await tx.workspace.count(),
      aiProviders: await tx.providerKey.count(),
      assignments: await tx.assignment.count(),
      secrets: await tx.secret.count(),
      sealedVersions: await tx.secretVersion.count({ where: { state: { not: 'shredded' } } }),
      tokens: await tx.token.count({ where: { revokedAt: null } }),
      invites: await tx.invite.count({ where: { enabled: true } }),
      openRuns: await tx.agentRun.count({
        where: { status: { in: ['queued', 'running', 'requires_action'] } },
      }),
    };
  }
}

/** Field by field: the row has more than answers show. */
function orgOf({ orgId, name, slug, plan, createdAt, updatedAt }: Omit<Org, 'id'> & { orgId: string }): Org {
  return { id: fromUuid('org', orgId), name, slug, plan, createdAt, updatedAt };
}
