import { Injectable } from '@nestjs/common';
import { coversRow, forbidden, type Principal } from '#lib/access';
import { notFound } from '#lib/contracts';
import { assertIfMatch, etagFor, type PageQuery } from '#lib/http';
import { isId } from '#lib/kernel';
import { AuthorisedStateReader, TenantDb, type TenantTx } from '#lib/persistence';
import { recordChange } from '../../common/record-change.js';
import type { Tagged } from '../../common/tagged.js';
import { restoredReadOnly } from '../../restored/restored.errors.js';
import { assertMay } from '../workspaces/index.js';
import { handedOver, inOrderOfChoice, type Assignment } from './assignment.js';
import { AssignmentPlan } from './assignment-plan.js';
import { AssignmentViews } from './assignment-views.js';
import { pageOfChoice } from './assignment-pages.js';
import type { AssignedKeyPageDto, AssignmentInputDto, ReplacedAssignmentsDto } from './assignments.dto.js';
import { assignedTwice } from './assignments.errors.js';
import { AssignmentsRepository } from './assignments.repository.js';

export interface ReplaceHow {
  preview: boolean;
  ifMatch: string | undefined;
  /** The database is an old copy: assignments may only be taken away. */
  onlyFewer: boolean;
}

/** Which keys a workspace was handed. Handing over is the OWNER's alone (PRODUCT, decision 6). */
@Injectable()
export class AssignmentsService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: AssignmentsRepository,
    private readonly views: AssignmentViews,
    private readonly states: AuthorisedStateReader,
    private readonly plan: AssignmentPlan,
  ) {}

  async list(
    principal: Principal,
    workspaceId: string,
    query: PageQuery,
  ): Promise<Tagged<AssignedKeyPageDto>> {
    const { orgId } = principal;
    assertMay(principal, workspaceId, 'workspaces:GetWorkspace');
    return this.db.withOrg(orgId, async (tx) => {
      if (!(await this.repository.workspaceExists(tx, orgId, workspaceId))) throw notFound();
      const assignments = await this.repository.list(tx, orgId, workspaceId);
      const covered = assignments.filter(({ aiProviderId }) =>
        coversRow(principal, 'aiProviders:ListAiProviders', workspaceId, aiProviderId),
      );
      const page = pageOfChoice(covered, query);
      const facts = await this.repository.keyFacts(tx, orgId, idsOf(page.data));
      const data = await this.views.present(tx, page.data, facts);
      return { body: { ...page, data }, etag: etagFor(workspaceId, assignments) };
    });
  }

  /**
   * Replaces all assignments of a workspace and says which models it gains and loses; a preview writes nothing.
   * Throws not_found when the workspace or one of the keys is foreign or unknown, precondition_failed, plan_read_only: nothing was changed then.
   */
  async replace(
    principal: Principal,
    workspaceId: string,
    input: AssignmentInputDto[],
    { preview, ifMatch, onlyFewer }: ReplaceHow,
  ): Promise<Tagged<ReplacedAssignmentsDto>> {
    const { orgId } = principal;
    assertMay(principal, workspaceId, 'workspaces:GetWorkspace');
    const wanted = inOrderOfChoice(input.map(toAssignment));
    assertDistinct(input);
    const state = await this.states.readWorkspace(orgId, principal.userId, workspaceId, principal.tokenId);
    return this.db.withOrg(orgId, async (tx) => {
      await this.lockWorkspace(tx, orgId, workspaceId);
      const before = await this.repository.list(tx, orgId, workspaceId);
      assertCovered(principal, before);
      assertIfMatch(ifMatch, etagFor(workspaceId, before));
      if (onlyFewer && !preview && handedOver(before, wanted).length > 0) throw restoredReadOnly();
      await this.lockKeys(tx, orgId, before, wanted);
      await this.plan.assert(tx, orgId, workspaceId, before, wanted);
      const facts = await this.repository.keyFacts(tx, orgId, idsOf([...before, ...wanted]));
      const difference = await this.views.difference(tx, state, [before, wanted], facts);
      if (!preview) await this.write(tx, principal, workspaceId, before, wanted);
      const body = { data: await this.views.present(tx, wanted, facts), preview, ...difference };
      return { body, etag: etagFor(workspaceId, preview ? before : wanted) };
    });
  }

  private async write(
    tx: TenantTx,
    principal: Principal,
    workspaceId: string,
    before: Assignment[],
    wanted: Assignment[],
  ): Promise<void> {
    await this.repository.replace(tx, principal.orgId, workspaceId, wanted);
    await recordChange(tx, principal, {
      action: 'aiProviders:AssignAiProvider',
      target: workspaceId,
      change: { before, after: wanted },
      topic: 'assignments.replaced',
      ids: { workspaceId },
    });
  }

  private async lockWorkspace(tx: TenantTx, orgId: string, workspaceId: string): Promise<void> {
    if (!(await this.repository.lockWorkspace(tx, orgId, workspaceId))) throw notFound();
  }

  private async lockKeys(
    tx: TenantTx,
    orgId: string,
    before: Assignment[],
    wanted: Assignment[],
  ): Promise<void> {
    const locked = await this.repository.lockKeys(tx, orgId, idsOf([...before, ...wanted]));
    if (wanted.some(({ aiProviderId }) => !locked.has(aiProviderId))) throw notFound();
  }
}

function toAssignment(input: AssignmentInputDto): Assignment {
  if (!isId('aip', input.aiProviderId)) throw notFound();
  return {
    aiProviderId: input.aiProviderId,
    priority: input.priority ?? 0,
    weight: input.weight ?? 1,
    active: input.active ?? true,
    defaultModel: input.defaultModel ?? null,
    models: input.models ?? [],
  };
}

/** Who replaces all assignments acts on those that are there as well: each key must be within the token's document. */
function assertCovered(principal: Principal, before: Assignment[]): void {
  const permission = 'aiProviders:AssignAiProvider';
  if (!before.every(({ aiProviderId }) => coversRow(principal, permission, aiProviderId)))
    throw forbidden(permission, principal);
}

function assertDistinct(input: AssignmentInputDto[]): void {
  const ids = input.map(({ aiProviderId }) => aiProviderId);
  const second = ids.findIndex((id, index) => ids.indexOf(id) !== index);
  if (second >= 0) throw assignedTwice(second);
}

function idsOf(assignments: Assignment[]): string[] {
  return [...new Set(assignments.map(({ aiProviderId }) => aiProviderId))];
}
