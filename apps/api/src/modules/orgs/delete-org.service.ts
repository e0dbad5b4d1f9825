import { Inject, Injectable } from '@nestjs/common';
import { actorOf, type Principal } from '#lib/access';
import { ORG_GRACE_DAYS } from '#lib/contracts';
import type { Clock } from '#lib/kernel';
import { destroyOrg, TenantDb } from '#lib/persistence';
import { recordChange } from '../../common/record-change.js';
import { CLOCK } from '../../common/tokens.js';
import type { DeletedOrgDto, OrgDeletionPreviewDto } from './org-lifecycle.dto.js';
import { assertConfirmed, assertOwnOrg } from './orgs.errors.js';
import { OrgsRepository } from './orgs.repository.js';

const GRACE_MS = ORG_GRACE_DAYS * 86_400_000;

/** The end of an organization (PRODUCT #25, ADR 0015). */
@Injectable()
export class DeleteOrgService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: OrgsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** What would go. Throws not_found. */
  async preview(principal: Principal, id: string): Promise<OrgDeletionPreviewDto> {
    assertOwnOrg(principal.orgId, id);
    return this.db.withOrg(id, async (tx) => {
      const { name, slug } = await this.repository.get(tx, id);
      return { orgId: id, name, slug, counts: await this.repository.counts(tx), graceDays: ORG_GRACE_DAYS };
    });
  }

  /**
   * Erases, revokes and closes in one transaction with the audit row, while nothing else of the control plane is open in the
   * organization. Throws not_found, and validation_failed when `confirm` is not its slug.
   */
  async delete(principal: Principal, id: string, confirm: string): Promise<DeletedOrgDto> {
    assertOwnOrg(principal.orgId, id);
    const deletedAt = this.clock.now();
    await this.db.withOrgAlone(id, async (tx) => {
      const { name, slug } = await this.repository.get(tx, id);
      assertConfirmed(slug, confirm);
      const counts = await this.repository.counts(tx);
      const destroyed = await destroyOrg(tx, { orgId: id, deletedBy: actorOf(principal), deletedAt });
      await recordChange(tx, principal, {
        action: 'orgs:DeleteOrg',
        target: id,
        change: { name, slug, counts, destroyed: { ...destroyed } },
        topic: 'org.deleted',
        ids: { orgId: id },
      });
    });
    const purgedAfter = new Date(deletedAt.getTime() + GRACE_MS);
    return { orgId: id, deletedAt: deletedAt.toISOString(), purgedAfter: purgedAfter.toISOString() };
  }
}
