import { Injectable } from '@nestjs/common';
import { coversRow, forbidden, type Principal } from '#lib/access';
import { notFound, type ModelAlias } from '#lib/contracts';
import { assertIfMatch, etagFor, validationFailed } from '#lib/http';
import { isId } from '#lib/kernel';
import { TenantDb, type TenantTx } from '#lib/persistence';
import { recordChange } from '../../common/record-change.js';
import type { Tagged } from '../../common/tagged.js';
import { CatalogueSource } from '../catalog/index.js';
import { aliasFaults, pinnedKey } from './alias-faults.js';
import type { ModelAliasInputDto, ModelAliasListDto } from './model-aliases.dto.js';
import { ModelAliasesRepository } from './model-aliases.repository.js';

const WRITE = 'modelAliases:ReplaceModelAliases';

/** Names for models, of an organization or of one of its workspaces: part of the state that every call is judged by. */
@Injectable()
export class ModelAliasesService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: ModelAliasesRepository,
    private readonly catalogue: CatalogueSource,
  ) {}

  async list(principal: Principal): Promise<Tagged<ModelAliasListDto>> {
    const { orgId } = principal;
    return this.db.withOrg(orgId, async (tx) => {
      const all = await this.repository.list(tx, orgId);
      const data = all.filter((alias) => covers(principal, 'modelAliases:ListModelAliases', alias));
      return { body: { data }, etag: etagFor(orgId, all) };
    });
  }

  /**
   * Replaces all aliases. Throws validation_failed with every fault, not_found for a workspace or a key that is none of the
   * organization's (a key that is named already may have gone since), forbidden where a limited token does not cover one, precondition_failed.
   */
  async replace(
    principal: Principal,
    input: readonly ModelAliasInputDto[],
    ifMatch: string | undefined,
  ): Promise<Tagged<ModelAliasListDto>> {
    const { orgId } = principal;
    const wanted = input.map(({ name, workspaceId = null, models }) => ({ name, workspaceId, models }));
    return this.db.withOrg(orgId, async (tx) => {
      await this.repository.lock(tx, orgId);
      const before = await this.repository.list(tx, orgId);
      if (![...before, ...wanted].every((alias) => covers(principal, WRITE, alias)))
        throw forbidden(WRITE, principal);
      assertIfMatch(ifMatch, etagFor(orgId, before));
      await this.assertSound(tx, orgId, wanted, before);
      await this.repository.replace(tx, orgId, wanted);
      const data = await this.repository.list(tx, orgId);
      const answer = { body: { data }, etag: etagFor(orgId, data) };
      if (JSON.stringify(before) === JSON.stringify(data)) return answer;
      await recordChange(tx, principal, {
        action: WRITE,
        target: orgId,
        change: { before, after: data },
        topic: 'model-aliases.replaced',
        ids: { orgId },
      });
      return answer;
    });
  }

  private async assertSound(
    tx: TenantTx,
    orgId: string,
    wanted: readonly ModelAlias[],
    before: readonly ModelAlias[],
  ): Promise<void> {
    const workspaces = [...new Set(wanted.flatMap(({ workspaceId }) => workspaceId ?? []))];
    const areIds = workspaces.every((id) => isId('ws', id));
    if (!areIds || (await this.repository.countWorkspaces(tx, orgId, workspaces)) < workspaces.length)
      throw notFound();
    const named = new Set(keysOf(before));
    const keys = [...new Set(keysOf(wanted))].filter((id) => !named.has(id));
    if (
      !keys.every((id) => isId('aip', id)) ||
      (await this.repository.countKeys(tx, orgId, keys)) < keys.length
    )
      throw notFound();
    const names = wanted.flatMap(({ name, models }) => [name, ...models.filter((id) => id.startsWith('@'))]);
    const taken = await this.repository.namedByKeys(tx, orgId, names);
    const faults = aliasFaults(wanted, await this.catalogue.current(tx), taken);
    if (faults.length > 0) throw validationFailed(faults);
  }
}

function keysOf(aliases: readonly ModelAlias[]): string[] {
  return aliases.flatMap(({ models }) => models.flatMap((model) => pinnedKey(model) ?? []));
}

/** An alias of one workspace is named by it, one of the organization by the organization. */
function covers(
  principal: Principal,
  permission: 'modelAliases:ListModelAliases' | typeof WRITE,
  { workspaceId }: ModelAlias,
): boolean {
  return coversRow(principal, permission, workspaceId ?? principal.orgId);
}
