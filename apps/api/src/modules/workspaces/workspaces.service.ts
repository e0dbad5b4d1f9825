import { Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import { notFound, type WorkspaceGrant } from '#lib/contracts';
import { assertIfMatch, etagOf, toPage, type PageQuery } from '#lib/http';
import { newId } from '#lib/kernel';
import { TenantDb, type TenantTx } from '#lib/persistence';
import { CatalogueSource, unknownProviderField } from '../catalog/index.js';
import { PlanLimitsService } from '../plan-limits/index.js';
import { coveredRows } from '../../common/covered-rows.js';
import { pageWindow } from '../../common/paging.js';
import { assertNotSetAndCleared, patched } from '../../common/patch.js';
import { recordChange } from '../../common/record-change.js';
import type { Tagged } from '../../common/tagged.js';
import { assertMay, freeSlug, slugOf, visibleTo, type Workspace } from './workspace.js';
import type {
  CreateWorkspaceDto,
  UpdateWorkspaceDto,
  WorkspaceDto,
  WorkspacePageDto,
} from './workspaces.dto.js';
import { defaultWorkspaceStays, slugTaken } from './workspaces.errors.js';
import { WorkspacesRepository, type WorkspaceCounts } from './workspaces.repository.js';

@Injectable()
export class WorkspacesService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: WorkspacesRepository,
    private readonly planLimits: PlanLimitsService,
    private readonly catalogue: CatalogueSource,
  ) {}

  async list(principal: Principal, query: PageQuery): Promise<WorkspacePageDto> {
    const { orgId } = principal;
    const window = pageWindow('ws', query);
    return this.db.withOrg(orgId, async (tx) => {
      const rows = await coveredRows(principal, 'workspaces:ListWorkspaces', window, (part) =>
        this.repository.list(tx, orgId, visibleTo(principal), part),
      );
      const counts = await this.repository.counts(
        tx,
        orgId,
        rows.map((row) => row.id),
      );
      const readOnly = await this.planLimits.readOnly(tx, 'workspaces');
      return toPage(
        rows,
        query.limit,
        (row) => row.id,
        (row) => ({ ...toDto(row, counts.get(row.id)!, principal), readOnly: readOnly.has(row.id) }),
      );
    });
  }

  async get(principal: Principal, id: string): Promise<Tagged<WorkspaceDto>> {
    assertMay(principal, id, 'workspaces:GetWorkspace');
    return this.db.withOrg(principal.orgId, (tx) => this.present(tx, principal, id));
  }

  /** Makes a workspace, counted by the plan. Throws plan_limit_reached, and name_taken for a slug that was asked for. */
  async create(principal: Principal, input: CreateWorkspaceDto): Promise<Tagged<WorkspaceDto>> {
    const { orgId } = principal;
    const id = newId('ws');
    return this.db.withOrg(orgId, async (tx) => {
      await this.assertProvider(tx, input.defaultProvider);
      await this.planLimits.claim(tx, orgId, 'workspaces');
      const slug = input.slug ?? freeSlug(slugOf(input.name), await this.repository.slugs(tx, orgId));
      const row = {
        id,
        orgId,
        name: input.name,
        slug,
        isDefault: false,
        defaultProvider: input.defaultProvider ?? null,
      };
      if (!(await this.repository.insert(tx, row))) throw slugTaken();
      await recordChange(tx, principal, {
        action: 'workspaces:CreateWorkspace',
        target: id,
        change: { name: row.name, slug, defaultProvider: row.defaultProvider },
        topic: 'workspace.created',
        ids: { workspaceId: id },
      });
      return this.present(tx, principal, id);
    });
  }

  async update(
    principal: Principal,
    id: string,
    patch: UpdateWorkspaceDto,
    ifMatch: string | undefined,
  ): Promise<Tagged<WorkspaceDto>> {
    const { orgId } = principal;
    assertMay(principal, id, 'workspaces:UpdateWorkspace');
    const { clear = [], ...sent } = patch;
    assertNotSetAndCleared(sent, clear);
    return this.db.withOrg(orgId, async (tx) => {
      await this.assertProvider(tx, sent.defaultProvider);
      const before = await this.locked(tx, orgId, id);
      assertIfMatch(ifMatch, etagOf(id, before.revision));
      const after: Workspace = {
        ...before,
        name: sent.name ?? before.name,
        slug: sent.slug ?? before.slug,
        isDefault: sent.isDefault ?? before.isDefault,
        defaultProvider: patched(
          before.defaultProvider,
          sent.defaultProvider,
          clear.includes('defaultProvider'),
          null,
        ),
      };
      const change = changes(before, after);
      if (Object.keys(change).length === 0) return this.present(tx, principal, id);
      await this.planLimits.assertWritable(tx, orgId, 'workspaces', id);
      if (after.slug !== before.slug && (await this.repository.slugs(tx, orgId)).has(after.slug))
        throw slugTaken();
      if (after.isDefault && !before.isDefault) await this.repository.clearDefault(tx, orgId);
      await this.repository.update(tx, after);
      await recordChange(tx, principal, {
        action: 'workspaces:UpdateWorkspace',
        target: id,
        change,
        topic: 'workspace.updated',
        ids: { workspaceId: id },
      });
      return this.present(tx, principal, id);
    });
  }

  /** Deletes a workspace and gives its room in the plan back. Throws conflict for the default one. */
  async delete(principal: Principal, id: string, ifMatch: string | undefined): Promise<void> {
    const { orgId } = principal;
    assertMay(principal, id, 'workspaces:DeleteWorkspace');
    await this.db.withOrg(orgId, async (tx) => {
      const workspace = await this.locked(tx, orgId, id);
      assertIfMatch(ifMatch, etagOf(id, workspace.revision));
      if (workspace.isDefault) throw defaultWorkspaceStays();
      await this.planLimits.release(tx, orgId, 'workspaces');
      await this.repository.delete(tx, orgId, id);
      await recordChange(tx, principal, {
        action: 'workspaces:DeleteWorkspace',
        target: id,
        change: { name: workspace.name, slug: workspace.slug },
        topic: 'workspace.deleted',
        ids: { workspaceId: id },
      });
    });
  }

  private async locked(tx: TenantTx, orgId: string, id: string): Promise<Workspace> {
    const workspace = (await this.repository.lock(tx, orgId, id))
      ? await this.repository.find(tx, orgId, id)
      : null;
    if (!workspace) throw notFound();
    return workspace;
  }

  private async present(tx: TenantTx, principal: Principal, id: string): Promise<Tagged<WorkspaceDto>> {
    const row = await this.repository.find(tx, principal.orgId, id);
    if (!row) throw notFound();
    const counts = await this.repository.counts(tx, principal.orgId, [id]);
    const readOnly = (await this.planLimits.readOnly(tx, 'workspaces')).has(id);
    return { body: { ...toDto(row, counts.get(id)!, principal), readOnly }, etag: etagOf(id, row.revision) };
  }

  private async assertProvider(tx: TenantTx, slug: string | undefined): Promise<void> {
    if (slug === undefined) return;
    const catalogue = await this.catalogue.current(tx);
    if (!catalogue.provider(slug)) throw unknownProviderField(catalogue, '/defaultProvider');
  }
}

const EVERYTHING: WorkspaceGrant = { canEdit: true, canDelete: true, canExecute: true };
const NOTHING: WorkspaceGrant = { canEdit: false, canDelete: false, canExecute: false };

function toDto(
  row: Workspace,
  counts: WorkspaceCounts,
  principal: Principal,
): Omit<WorkspaceDto, 'readOnly'> {
  const grant = principal.role === 'MEMBER' ? (principal.grants.get(row.id) ?? NOTHING) : EVERYTHING;
  return {
    id: row.id,
    orgId: row.orgId,
    name: row.name,
    slug: row.slug,
    isDefault: row.isDefault,
    defaultProvider: row.defaultProvider,
    grant,
    keyCount: counts.keys,
    memberCount: counts.members,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** `[before, after]` of the fields that changed. */
function changes(before: Workspace, after: Workspace): Record<string, unknown> {
  const fields = ['name', 'slug', 'isDefault', 'defaultProvider'] as const;
  return Object.fromEntries(
    fields
      .filter((field) => before[field] !== after[field])
      .map((field) => [field, [before[field], after[field]]]),
  );
}
