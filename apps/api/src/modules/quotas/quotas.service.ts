import { Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import { notFound, type QuotaScope } from '#lib/contracts';
import { assertIfMatch, etagOf, toPage } from '#lib/http';
import { isId, newId } from '#lib/kernel';
import { TenantDb, type TenantTx } from '#lib/persistence';
import { coveredRows } from '../../common/covered-rows.js';
import { pageWindow } from '../../common/paging.js';
import { recordChange } from '../../common/record-change.js';
import type { Tagged } from '../../common/tagged.js';
import { isForOwnLine } from '../../common/token-line.js';
import { changedSettings, type NewQuota, type Quota, type QuotaSettings } from './quota.js';
import { QuotaScopesRepository } from './quota-scopes.repository.js';
import type {
  CreateQuotaDto,
  ListQuotasQuery,
  QuotaDto,
  QuotaPageDto,
  QuotaScopeDto,
  UpdateQuotaDto,
} from './quotas.dto.js';
import { badScope, ownQuota, tooMany } from './quotas.errors.js';
import { QuotasRepository } from './quotas.repository.js';

/** Each of them is read with every authorisation. */
const MAX_QUOTAS = 200;
const THRESHOLDS = [50, 80, 100];
const PREFIXES = { workspace: 'ws', token: 'tok', key: 'aip' } as const;

/** Quotas and budgets of an organization (PRODUCT #45, #53); the engines hold calls to them. */
@Injectable()
export class QuotasService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: QuotasRepository,
    private readonly scopes: QuotaScopesRepository,
  ) {}

  async list(principal: Principal, query: ListQuotasQuery): Promise<QuotaPageDto> {
    const { orgId } = principal;
    const window = pageWindow('quo', query);
    return this.db.withOrg(orgId, async (tx) => {
      const rows = await coveredRows(principal, 'quotas:ListQuotas', window, (part) =>
        this.repository.list(tx, orgId, query.metric, part),
      );
      return toPage(rows, query.limit, ({ id }) => id, dtoOf);
    });
  }

  async get({ orgId }: Principal, id: string): Promise<Tagged<QuotaDto>> {
    assertQuotaId(id);
    return this.db.withOrg(orgId, (tx) => this.present(tx, orgId, id));
  }

  /** Throws name_taken, not_found, validation_failed, conflict when there are too many. */
  async create(principal: Principal, sent: CreateQuotaDto): Promise<Tagged<QuotaDto>> {
    const { orgId } = principal;
    const id = newId('quo');
    return this.db.withOrg(orgId, async (tx) => {
      const { name, metric, window, max, mode = 'enforce', thresholds = THRESHOLDS } = sent;
      const scope = await this.scopeOf(tx, orgId, sent.scope);
      const quota: NewQuota = { name, scope, metric, window, max, mode, thresholds: sorted(thresholds) };
      if ((await this.repository.countLocked(tx, orgId)) >= MAX_QUOTAS) throw tooMany(MAX_QUOTAS);
      await this.repository.insert(tx, orgId, id, quota);
      await this.scopes.countReceipts(tx, orgId, id, scope);
      await recordChange(tx, principal, {
        action: 'quotas:CreateQuota',
        target: id,
        change: { ...quota },
        topic: 'quota.changed',
        ids: { quotaId: id },
      });
      return this.present(tx, orgId, id);
    });
  }

  async update(
    principal: Principal,
    id: string,
    sent: UpdateQuotaDto,
    ifMatch: string | undefined,
  ): Promise<Tagged<QuotaDto>> {
    const { orgId } = principal;
    assertQuotaId(id);
    return this.db.withOrg(orgId, async (tx) => {
      const before = await this.locked(tx, principal, id);
      assertIfMatch(ifMatch, etagOf(id, before.revision));
      const after: QuotaSettings = {
        name: sent.name ?? before.name,
        max: sent.max ?? before.max,
        mode: sent.mode ?? before.mode,
        thresholds: sent.thresholds ? sorted(sent.thresholds) : before.thresholds,
      };
      const change = changedSettings(before, after);
      if (Object.keys(change).length === 0) return this.present(tx, orgId, id);
      await this.repository.update(tx, orgId, id, after);
      if (after.max > before.max) await this.repository.forgetRefusal(tx, orgId, id);
      await recordChange(tx, principal, {
        action: 'quotas:UpdateQuota',
        target: id,
        change,
        topic: 'quota.changed',
        ids: { quotaId: id },
      });
      return this.present(tx, orgId, id);
    });
  }

  async delete(principal: Principal, id: string, ifMatch: string | undefined): Promise<void> {
    const { orgId } = principal;
    assertQuotaId(id);
    await this.db.withOrg(orgId, async (tx) => {
      const { name, scope, metric, window, max, mode, revision } = await this.locked(tx, principal, id);
      assertIfMatch(ifMatch, etagOf(id, revision));
      await this.repository.delete(tx, orgId, id);
      await recordChange(tx, principal, {
        action: 'quotas:DeleteQuota',
        target: id,
        change: { name, scope, metric, window, max, mode },
        topic: 'quota.deleted',
        ids: { quotaId: id },
      });
    });
  }

  /** Throws not_found for an id that the organization does not have, and validation_failed for a type without its id. */
  private async scopeOf(tx: TenantTx, orgId: string, { type, id }: QuotaScopeDto): Promise<QuotaScope> {
    if (type === 'organization') {
      if (id !== undefined) throw badScope('The scope of the whole organization has no id: leave it out.');
      return { type };
    }
    if (id === undefined) throw badScope(`Name the ${type} that the quota is for.`);
    const scope: QuotaScope = { type, id };
    if (!isId(PREFIXES[type], id) || !(await this.scopes.exists(tx, orgId, scope))) throw notFound();
    return scope;
  }

  /** To be changed or deleted. Throws not_found, and forbidden for one that holds for the caller's own token. */
  private async locked(tx: TenantTx, principal: Principal, id: string): Promise<Quota> {
    const quota = await this.repository.findLocked(tx, principal.orgId, id);
    if (!quota) throw notFound();
    if (await isForOwnLine(tx, principal, quota.scope)) throw ownQuota();
    return quota;
  }

  private async present(tx: TenantTx, orgId: string, id: string): Promise<Tagged<QuotaDto>> {
    const quota = await this.repository.find(tx, orgId, id);
    if (!quota) throw notFound();
    return { body: dtoOf(quota), etag: etagOf(id, quota.revision) };
  }
}

function assertQuotaId(id: string): void {
  if (!isId('quo', id)) throw notFound();
}

function sorted(thresholds: readonly number[]): number[] {
  return [...thresholds].sort((a, b) => a - b);
}

function dtoOf(quota: Quota): QuotaDto {
  const { id, orgId, name, scope, metric, window, max, mode, thresholds, used, reserved } = quota;
  return {
    ...{ id, orgId, name, scope, metric, window, max, mode, thresholds, used, reserved },
    version: quota.revision,
    resetsAt: quota.resetsAt.toISOString(),
    createdAt: quota.createdAt.toISOString(),
    updatedAt: quota.updatedAt.toISOString(),
  };
}
