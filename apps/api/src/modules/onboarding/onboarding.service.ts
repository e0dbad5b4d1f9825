import { Inject, Injectable } from '@nestjs/common';
import type { ApiConfig } from '#lib/config';
import { hashPassword } from '#lib/kernel';
import { Lookups, TenantDb, type TenantTx } from '#lib/persistence';
import { recordChange } from '../../common/record-change.js';
import { API_CONFIG } from '../../common/settings.js';
import { emailTaken, noFreeSlug } from './onboarding.errors.js';
import { newTenant, type NewTenant } from './onboarding.js';
import { OnboardingRepository } from './onboarding.repository.js';
import { slugWithTail } from './slug.js';

const SLUG_TRIES = 5;

@Injectable()
export class OnboardingService {
  constructor(
    private readonly db: TenantDb,
    private readonly lookups: Lookups,
    private readonly repository: OnboardingRepository,
    @Inject(API_CONFIG) private readonly config: Pick<ApiConfig, 'defaultPlan'>,
  ) {}

  /** Makes person, organization and default workspace in one transaction. Throws `conflict` when the address is taken. */
  async signUp(input: {
    email: string;
    password: string;
    name: string;
    orgName: string;
  }): Promise<NewTenant> {
    // Before the transaction: hashing takes tens of milliseconds, and no lock should last that long.
    const passwordHash = await hashPassword(input.password);
    const tenant = newTenant({ ...input, passwordHash }, this.config.defaultPlan);
    await this.db.withOrg(tenant.org.id, (tx) => this.write(tx, tenant));
    return tenant;
  }

  private async write(tx: TenantTx, tenant: NewTenant): Promise<void> {
    if (!(await this.lookups.createUser(tenant.user, tx))) throw emailTaken();
    await this.insertOrg(tx, tenant.org);
    await this.repository.insertRest(tx, tenant);
    const { org, user, workspace } = tenant;
    const actor = { orgId: org.id, userId: user.id };
    await recordChange(tx, actor, {
      action: 'orgs:CreateOrg',
      target: org.id,
      change: {
        name: org.name,
        slug: org.slug,
        plan: org.plan,
        ownerMemberId: tenant.ownerMemberId,
        workspaceId: workspace.id,
      },
      topic: 'org.created',
      ids: { orgId: org.id, userId: user.id, workspaceId: workspace.id },
    });
  }

  private async insertOrg(tx: TenantTx, org: NewTenant['org']): Promise<void> {
    const plain = org.slug;
    for (let attempt = 0; attempt < SLUG_TRIES; attempt += 1) {
      if (await this.repository.insertOrg(tx, org, org.slug)) return;
      org.slug = slugWithTail(plain);
    }
    throw noFreeSlug();
  }
}
