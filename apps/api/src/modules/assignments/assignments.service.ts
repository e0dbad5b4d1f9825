import { Inject, Injectable } from '@nestjs/common';
import { coversRow, forbidden, type Principal } from '#lib/access';
import { listModels, type Catalogue, type GateAssignment, type GateState } from '#lib/catalog';
import { notFound } from '#lib/contracts';
import { assertIfMatch, etagFor, type PageQuery } from '#lib/http';
import { isId, type Clock } from '#lib/kernel';
import { AuthorisedStateReader, TenantDb, type TenantTx } from '#lib/persistence';
import { recordChange } from '../../common/record-change.js';
import type { Tagged } from '../../common/tagged.js';
import { CLOCK } from '../../common/tokens.js';
import { CatalogueSource, keyStatus } from '../catalog/index.js';
import { assertMay } from '../workspaces/index.js';
import { inOrderOfChoice, modelDifference, type AssignedKey, type Assignment } from './assignment.js';
import { pageOfChoice } from './assignment-pages.js';
import type { AssignedKeyPageDto, AssignmentInputDto, ReplacedAssignmentsDto } from './assignments.dto.js';
import { assignedTwice } from './assignments.errors.js';
import { AssignmentsRepository, type KeyFacts } from './assignments.repository.js';

/** Which keys a workspace was handed. Handing over is the OWNER's alone (PRODUCT, decision 6). */
@Injectable()
export class AssignmentsService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: AssignmentsRepository,
    private readonly catalogue: CatalogueSource,
    private readonly states: AuthorisedStateReader,
    @Inject(CLOCK) private readonly clock: Clock,
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
      const data = await this.present(tx, orgId, page.data);
      return { body: { ...page, data }, etag: etagFor(workspaceId, assignments) };
    });
  }

  /**
   * Replaces all assignments of a workspace and says which models it gains and loses; a preview writes nothing.
   * Throws not_found when the workspace or one of the keys is foreign or unknown, precondition_failed: nothing was changed then.
   */
  async replace(
    principal: Principal,
    workspaceId: string,
    input: AssignmentInputDto[],
    { preview, ifMatch }: { preview: boolean; ifMatch: string | undefined },
  ): Promise<Tagged<ReplacedAssignmentsDto>> {
    const { orgId } = principal;
    assertMay(principal, workspaceId, 'workspaces:GetWorkspace');
    const wanted = inOrderOfChoice(input.map(toAssignment));
    assertDistinct(input);
    const state = await this.states.readWorkspace(orgId, principal.userId, workspaceId);
    return this.db.withOrg(orgId, async (tx) => {
      await this.lockWorkspace(tx, orgId, workspaceId);
      const before = await this.repository.list(tx, orgId, workspaceId);
      assertCovered(principal, before);
      assertIfMatch(ifMatch, etagFor(workspaceId, before));
      await this.lockKeys(tx, orgId, before, wanted);
      const facts = await this.repository.keyFacts(tx, orgId, idsOf([...before, ...wanted]));
      const catalogue = await this.catalogue.current(tx);
      const models = (assignments: Assignment[]) =>
        listModels(withAssignments(state, assignments, facts), catalogue, this.clock.now());
      const difference = modelDifference(models(before), models(wanted));
      if (!preview) await this.write(tx, principal, workspaceId, before, wanted);
      const body = { data: present(wanted, facts, catalogue, this.clock.now()), preview, ...difference };
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

  private async present(tx: TenantTx, orgId: string, assignments: Assignment[]): Promise<AssignedKey[]> {
    const facts = await this.repository.keyFacts(tx, orgId, idsOf(assignments));
    return present(assignments, facts, await this.catalogue.current(tx), this.clock.now());
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

function withAssignments(
  state: GateState,
  assignments: Assignment[],
  facts: Map<string, KeyFacts>,
): GateState {
  const merged = assignments.flatMap(({ defaultModel, models, ...rest }): GateAssignment[] => {
    const key = facts.get(rest.aiProviderId);
    return key ? [{ ...key, ...rest, assignmentDefaultModel: defaultModel, assignmentModels: models }] : [];
  });
  return { ...state, assignments: merged };
}

function present(
  assignments: Assignment[],
  facts: Map<string, KeyFacts>,
  catalogue: Catalogue,
  now: Date,
): AssignedKey[] {
  return assignments.flatMap((assignment) => {
    const key = facts.get(assignment.aiProviderId);
    if (!key) return [];
    const needsSecret = catalogue.provider(key.provider)?.credential.required ?? true;
    const { name, provider, mask, enabled } = key;
    const status = keyStatus({ ...key, hasSecret: key.secretId !== null, needsSecret }, now);
    return [{ ...assignment, name, provider, mask, enabled, status }];
  });
}
