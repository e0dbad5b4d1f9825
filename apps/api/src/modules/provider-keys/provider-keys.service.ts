import { Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import { toPage } from '#lib/http';
import { TenantDb } from '#lib/persistence';
import { coveredRows } from '../../common/covered-rows.js';
import { pageWindow } from '../../common/paging.js';
import type { Tagged } from '../../common/tagged.js';
import { AssignmentsPort } from '../assignments/index.js';
import { CatalogueSource } from '../catalog/index.js';
import { SecretStore } from '../secrets/index.js';
import { KeyRows } from './key-rows.js';
import type { ListProviderKeysQuery } from './provider-keys.dto.js';
import type {
  KeyDependentsDto,
  KeyVersionListDto,
  ProviderKeyDto,
  ProviderKeyPageDto,
} from './provider-keys.responses.dto.js';

/** What can be read about keys. Writes: CreateKeyService, UpdateKeyService, DeleteKeyService; plaintext: KeyActionsService. */
@Injectable()
export class ProviderKeysService {
  constructor(
    private readonly db: TenantDb,
    private readonly rows: KeyRows,
    private readonly assignments: AssignmentsPort,
    private readonly catalogue: CatalogueSource,
    private readonly store: SecretStore,
  ) {}

  /** Throws not_found for a filter by a workspace that is foreign or unknown. */
  async list(principal: Principal, query: ListProviderKeysQuery): Promise<ProviderKeyPageDto> {
    const { orgId } = principal;
    const window = pageWindow('aip', query);
    return this.db.withOrg(orgId, async (tx) => {
      const { providers } = await this.catalogue.current(tx);
      const needingSecret = providers
        .filter((provider) => provider.credential.required)
        .map(({ slug }) => slug);
      const { workspaceId, provider, status, name } = query;
      const ids =
        workspaceId === undefined ? undefined : await this.assignments.keysOf(tx, orgId, workspaceId);
      const filter = { provider, status, name, ids, needingSecret };
      const keys = await coveredRows(principal, 'aiProviders:ListAiProviders', window, (part) =>
        this.rows.list(tx, orgId, filter, part),
      );
      const shown = await this.rows.present(tx, orgId, keys);
      return toPage(
        shown,
        query.limit,
        (key) => key.id,
        (key) => key,
      );
    });
  }

  async get(principal: Principal, id: string): Promise<Tagged<ProviderKeyDto>> {
    return this.db.withOrg(principal.orgId, (tx) => this.rows.show(tx, principal, id));
  }

  /** Where the key is in use: assigned, or asked by a policy's judge. */
  async dependents(principal: Principal, id: string): Promise<KeyDependentsDto> {
    const { orgId } = principal;
    return this.db.withOrg(orgId, async (tx) => {
      await this.rows.get(tx, orgId, id);
      return this.assignments.dependents(tx, orgId, id);
    });
  }

  /** The versions of the key's secret, newest first; empty for a key without one. */
  async versions(principal: Principal, id: string): Promise<KeyVersionListDto> {
    const { orgId } = principal;
    return this.db.withOrg(orgId, async (tx) => {
      const { secret } = await this.rows.get(tx, orgId, id);
      const versions = secret ? await this.store.versions(tx, orgId, secret.id) : [];
      return {
        data: versions.map((version) => ({
          ...version,
          createdAt: version.createdAt.toISOString(),
          retiredAt: version.retiredAt?.toISOString() ?? null,
        })),
      };
    });
  }
}
