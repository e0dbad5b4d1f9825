import { Injectable } from '@nestjs/common';
import { toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import { FIRST_COUNTS, type NewTenant } from './onboarding.js';

@Injectable()
export class OnboardingRepository {
  /** Whether the organization could be made under this slug: false when another has it. */
  async insertOrg(tx: TenantTx, org: NewTenant['org'], slug: string): Promise<boolean> {
    const made = await tx.$executeRaw`
      INSERT INTO orgs (org_id, slug, name, plan) VALUES (${toUuid(org.id)}::uuid, ${slug}, ${org.name}, ${org.plan})
      ON CONFLICT (slug) DO NOTHING`;
    return made === 1;
  }

  /** The owner, the default workspace and the counters. A gate without a row is open, so none is written. */
  async insertRest(tx: TenantTx, tenant: NewTenant): Promise<void> {
    const orgId = toUuid(tenant.org.id);
    const userId = toUuid(tenant.user.id);
    await tx.member.create({
      data: { orgId, id: toUuid(tenant.ownerMemberId), userId, role: 'OWNER', status: 'active' },
    });
    await tx.workspace.create({
      data: { orgId, ...tenant.workspace, id: toUuid(tenant.workspace.id), isDefault: true },
    });
    await tx.planCounter.createMany({
      data: Object.entries(FIRST_COUNTS).map(([resource, used]) => ({ orgId, resource, used })),
    });
  }
}
