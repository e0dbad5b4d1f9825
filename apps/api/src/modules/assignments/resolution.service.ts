import { Inject, Injectable } from '@nestjs/common';
import { coversRow, type Principal } from '#lib/access';
import { evaluate, listModels, type Catalogue, type ModelChoice } from '#lib/catalog';
import {
  ClavigerError,
  notFound,
  type AuthorisedState,
  type Permission,
  type StateAssignment,
} from '#lib/contracts';
import type { Clock } from '#lib/kernel';
import { AuthorisedStateReader, TenantDb } from '#lib/persistence';
import { CLOCK } from '../../common/tokens.js';
import { CatalogueSource } from '../catalog/index.js';
import { assertMay } from '../workspaces/index.js';
import type { ModelListDto, ResolutionDto, ResolveDto, ResolvedChoiceDto } from './assignments.dto.js';

/** What a workspace may use, answered by the engine's own gates over the same state, without the sealed part. */
@Injectable()
export class ResolutionService {
  constructor(
    private readonly db: TenantDb,
    private readonly states: AuthorisedStateReader,
    private readonly catalogue: CatalogueSource,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async models(principal: Principal, workspaceId: string): Promise<ModelListDto> {
    const { state, catalogue } = await this.read(principal, workspaceId, 'workspaces:ListModels');
    return listModels(state, catalogue, this.clock.now());
  }

  /**
   * Why this key? Equals what a run would do now, rate and budget apart. A refusal is an answer, not an error; a request that names
   * a provider that is none is no question, and validation_failed.
   */
  async resolve(principal: Principal, workspaceId: string, request: ResolveDto): Promise<ResolutionDto> {
    const { state, catalogue } = await this.read(principal, workspaceId, 'workspaces:ResolveModel');
    const { model, provider, surface, needs } = request;
    // The rules have made a list of either form.
    const needsTools = Array.isArray(needs) && needs.includes('tools');
    const wanted = { model, provider, surface, needsTools };
    const result = evaluate(state, catalogue, wanted, this.clock.now());
    const { ok, trace } = result;
    if (!result.ok) {
      if (result.code === 'validation_failed') assertProviderNotNamed(request, result);
      return { ok, choice: null, alternatives: [], code: result.code, detail: result.detail, trace };
    }
    const [choice, ...alternatives] = result.candidates.map(toDto);
    return { ok, choice: choice ?? null, alternatives, code: null, detail: null, trace };
  }

  private async read(
    principal: Principal,
    workspaceId: string,
    permission: Permission,
  ): Promise<{ state: AuthorisedState; catalogue: Catalogue }> {
    assertMay(principal, workspaceId, permission);
    const whole = await this.states.readWorkspace(principal.orgId, principal.userId, workspaceId);
    if (!whole.workspace) throw notFound();
    const covered = ({ aiProviderId }: StateAssignment) =>
      coversRow(principal, permission, workspaceId, aiProviderId);
    const state = { ...whole, assignments: whole.assignments.filter(covered) };
    return { state, catalogue: await this.db.withOrg(principal.orgId, (tx) => this.catalogue.current(tx)) };
  }
}

/** The provider that is unknown is the workspace's default, or one that the request names: only the latter is the caller's to mend. */
function assertProviderNotNamed({ provider, model }: ResolveDto, { detail }: { detail: string }): void {
  const pinned = model?.startsWith('@') === true && !model.startsWith('@aip_') && model.includes('/');
  if (!pinned && provider === undefined) return;
  const errors = [{ pointer: pinned ? '/model' : '/provider', detail }];
  throw new ClavigerError('validation_failed', detail, { errors });
}

function toDto({ assignment, model, step }: ModelChoice<StateAssignment>): ResolvedChoiceDto {
  const { aiProviderId, name, provider, keyVersion } = assignment;
  return { aiProviderId, name, provider, model, keyVersion, step };
}
