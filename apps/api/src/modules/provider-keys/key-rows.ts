import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import type { Catalogue } from '#lib/catalog';
import { notFound, type KeyTestResult } from '#lib/contracts';
import { etagOf } from '#lib/http';
import { isId, type Clock } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import type { PageWindow } from '../../common/paging.js';
import type { Tagged } from '../../common/tagged.js';
import { CLOCK } from '../../common/tokens.js';
import { AssignmentsPort } from '../assignments/index.js';
import { CatalogueSource } from '../catalog/index.js';
import { PlanLimitsService } from '../plan-limits/index.js';
import type { ProviderKey } from './provider-key.js';
import { ProviderKeysRepository, type KeyFilter } from './provider-keys.repository.js';
import type { ProviderKeyDto } from './provider-keys.responses.dto.js';
import { toDto } from './provider-keys.view.js';

/** Keys by id, inside the transaction of whoever asks. */
@Injectable()
export class KeyRows {
  constructor(
    private readonly repository: ProviderKeysRepository,
    private readonly assignments: AssignmentsPort,
    private readonly catalogue: CatalogueSource,
    private readonly planLimits: PlanLimitsService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The key with this id. Throws the one not_found for a foreign, unknown or malformed id. */
  async get(tx: TenantTx, orgId: string, id: string): Promise<ProviderKey> {
    const key = isId('aip', id) ? await this.repository.find(tx, orgId, id) : null;
    if (!key) throw notFound();
    return key;
  }

  /** The same, locked against other writers until the end of the transaction. */
  async getLocked(tx: TenantTx, orgId: string, id: string): Promise<ProviderKey> {
    if (!isId('aip', id) || !(await this.repository.lock(tx, orgId, id))) throw notFound();
    return this.get(tx, orgId, id);
  }

  /** Throws plan_read_only when the key is one too many for the plan (PRODUCT #43). */
  assertWritable(tx: TenantTx, orgId: string, id: string): Promise<void> {
    return this.planLimits.assertWritable(tx, orgId, 'keys', id);
  }

  /** Whether the key misses the secret that its provider wants. */
  async lacksSecret(tx: TenantTx, key: ProviderKey): Promise<boolean> {
    return key.secret === null && needsSecret(await this.catalogue.current(tx), key.provider);
  }

  list(
    tx: TenantTx,
    orgId: string,
    filter: Omit<KeyFilter, 'now'>,
    window: PageWindow,
  ): Promise<ProviderKey[]> {
    return this.repository.list(tx, orgId, { ...filter, now: this.clock.now() }, window);
  }

  /** Keeps the result of a test. */
  saveTest(tx: TenantTx, orgId: string, id: string, result: KeyTestResult): Promise<void> {
    return this.repository.saveTest(tx, orgId, id, result);
  }

  async remove(tx: TenantTx, orgId: string, id: string): Promise<void> {
    await this.repository.delete(tx, orgId, id);
  }

  /** Keys as answers show them. */
  async present(tx: TenantTx, orgId: string, keys: ProviderKey[]): Promise<ProviderKeyDto[]> {
    const catalogue = await this.catalogue.current(tx);
    const counts = await this.assignments.workspaceCounts(
      tx,
      orgId,
      keys.map((key) => key.id),
    );
    const readOnly = await this.planLimits.readOnly(tx, 'keys');
    const now = this.clock.now();
    return keys.map((key) =>
      toDto(key, {
        now,
        needsSecret: needsSecret(catalogue, key.provider),
        workspaceCount: counts.get(key.id) ?? 0,
        readOnly: readOnly.has(key.id),
      }),
    );
  }

  /** One key as answers show it, with its entity tag. */
  async show(tx: TenantTx, principal: Principal, id: string): Promise<Tagged<ProviderKeyDto>> {
    const key = await this.get(tx, principal.orgId, id);
    const [body] = await this.present(tx, principal.orgId, [key]);
    return { body: body!, etag: etagOf(id, key.revision) };
  }
}

/** A provider that the platform no longer has is taken to need a secret. */
function needsSecret(catalogue: Catalogue, provider: string): boolean {
  return catalogue.provider(provider)?.credential.required ?? true;
}
