import { Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import { assertIfMatch, etagOf } from '#lib/http';
import { TenantDb } from '#lib/persistence';
import { recordChange } from '../../common/record-change.js';
import { AssignmentsPort } from '../assignments/index.js';
import { PlanLimitsService } from '../plan-limits/index.js';
import { SecretStore } from '../secrets/index.js';
import { KeyRows } from './key-rows.js';
import { keyInUse } from './provider-keys.errors.js';

@Injectable()
export class DeleteKeyService {
  constructor(
    private readonly db: TenantDb,
    private readonly rows: KeyRows,
    private readonly store: SecretStore,
    private readonly assignments: AssignmentsPort,
    private readonly planLimits: PlanLimitsService,
  ) {}

  /**
   * Deletes a key. Its ciphertext is erased, its room in the plan given back and its workspaces lose it, all in the transaction
   * of the audit row; receipts stay (PRODUCT #24, #25). Throws not_found, precondition_failed, and key_in_use unless `force`.
   */
  async delete(principal: Principal, id: string, force: boolean, ifMatch: string | undefined): Promise<void> {
    const { orgId } = principal;
    await this.db.withOrg(orgId, async (tx) => {
      const key = await this.rows.getLocked(tx, orgId, id);
      assertIfMatch(ifMatch, etagOf(id, key.revision));
      const dependents = await this.assignments.dependents(tx, orgId, id);
      const { workspaces, policies } = dependents.counts;
      if (workspaces + policies > 0 && !force) throw keyInUse(dependents);
      await this.planLimits.release(tx, orgId, 'keys');
      await this.assignments.removeKey(tx, orgId, id);
      await this.rows.remove(tx, orgId, id);
      const secret = key.secret && (await this.store.release(tx, orgId, key.secret.id, id));
      await recordChange(tx, principal, {
        action: 'aiProviders:DeleteAiProvider',
        target: id,
        change: {
          name: key.name,
          provider: key.provider,
          mask: key.secret?.mask ?? null,
          secretDestroyed: secret?.destroyed ?? false,
          ...{ workspaces, policies },
          forced: force,
        },
        topic: 'provider-key.deleted',
        ids: { aiProviderId: id },
      });
    });
  }
}
