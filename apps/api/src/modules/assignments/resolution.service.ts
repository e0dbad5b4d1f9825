import { Inject, Injectable } from '@nestjs/common';
import { coversRow, type Principal } from '#lib/access';
import {
  evaluate,
  listModels,
  passedOver,
  pricedOnly,
  type Catalogue,
  type ModelChoice,
  type ModelRequest,
} from '#lib/catalog';
import {
  ClavigerError,
  notFound,
  type AuthorisedState,
  type Permission,
  type StateAssignment,
} from '#lib/contracts';
import type { Clock } from '#lib/kernel';
import { policyGate, type CallFacts } from '#lib/limits';
import { AuthorisedStateReader, TenantDb } from '#lib/persistence';
import { CLOCK } from '../../common/tokens.js';
import { CatalogueSource } from '../catalog/index.js';
import { assertMay } from '../workspaces/index.js';
import type { SmallestCall } from './counted-gates.js';
import { CountedResolution } from './counted-resolution.js';
import type { ModelListDto, ResolutionDto, ResolvedChoiceDto } from './assignments.dto.js';
import type { ResolveDto } from './resolve.dto.js';

/** What a workspace may use, answered by the engine's own gates over the same state, without the sealed part. */
@Injectable()
export class ResolutionService {
  constructor(
    private readonly db: TenantDb,
    private readonly states: AuthorisedStateReader,
    private readonly catalogue: CatalogueSource,
    private readonly counted: CountedResolution,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async models(principal: Principal, workspaceId: string): Promise<ModelListDto> {
    const { state, catalogue } = await this.read(principal, workspaceId, 'workspaces:ListModels');
    const now = this.clock.now();
    const policies = pricedOnly(policyGate(state.policies, { now }), state, catalogue);
    return listModels(state, catalogue, now, policies);
  }

  /**
   * Why this key? Equals what a run would do now, with the counts as they are now. A refusal is an answer, not an error; a request that
   * names a provider that is none is no question, and validation_failed.
   */
  async resolve(principal: Principal, workspaceId: string, request: ResolveDto): Promise<ResolutionDto> {
    const { state, catalogue } = await this.read(principal, workspaceId, 'workspaces:ResolveModel');
    const { call, wanted, facts } = askedBy(request);
    const now = this.clock.now();
    const policies = pricedOnly(policyGate(state.policies, { now, ...facts }), state, catalogue);
    const result = evaluate(state, catalogue, wanted, now, policies);
    const others = passedOver(state, catalogue, wanted, now, policies, result);
    const nothing = { ok: false, choice: null, alternatives: [] };
    if (!result.ok) {
      if (result.code === 'validation_failed') assertProviderNotNamed(request, result);
      const { code, detail, trace } = result;
      return { ...nothing, code, detail, trace, passedOver: others, headRoom: [], quotaRoom: [] };
    }
    const { candidates } = result;
    const judged = await this.counted.judge(principal, state, result.choice, call, now);
    const { headRoom, quotaRoom, refused } = judged;
    const told = { trace: [...result.trace, ...judged.trace], headRoom, quotaRoom };
    if (refused) {
      const { code, detail } = refused;
      const full = await this.counted.passedOver(principal, state, candidates, call, now);
      return { ...nothing, code, detail, ...told, passedOver: [...full, ...others] };
    }
    const [choice, ...alternatives] = candidates.map(toDto);
    const served = { choice: choice ?? null, alternatives, code: null, detail: null };
    return { ok: true, ...served, ...told, passedOver: others };
  }

  private async read(
    principal: Principal,
    workspaceId: string,
    permission: Permission,
  ): Promise<{ state: AuthorisedState; catalogue: Catalogue }> {
    assertMay(principal, workspaceId, permission);
    const { orgId, userId, tokenId } = principal;
    const whole = await this.states.readWorkspace(orgId, userId, workspaceId, tokenId);
    if (!whole.workspace) throw notFound();
    const covered = ({ aiProviderId }: StateAssignment) =>
      coversRow(principal, permission, workspaceId, aiProviderId);
    // Who asks with a token is told of the member who owns it, as a run with it would be.
    const asker =
      whole.principal && principal.tokenId ? { ...whole.principal, kind: 'token' as const } : whole.principal;
    const state = { ...whole, principal: asker, assignments: whole.assignments.filter(covered) };
    return { state, catalogue: await this.db.withOrg(principal.orgId, (tx) => this.catalogue.current(tx)) };
  }
}

/** What a request says of its call: for the choice of key and model, for the rules, and for what is counted. */
function askedBy({ model, provider, surface, needs, tools, maxOutputTokens }: ResolveDto): {
  call: SmallestCall;
  wanted: ModelRequest;
  facts: Omit<CallFacts, 'now'>;
} {
  // The rules have made a list of either form.
  const needsTools = (Array.isArray(needs) && needs.includes('tools')) || (tools ?? []).length > 0;
  // Who says what is needed, and names no tools there, has none.
  const brought = tools ?? (needs !== undefined && !needsTools ? [] : undefined);
  return {
    call: { needsTools, maxOutputTokens },
    wanted: { model, provider, surface, needsTools },
    // Of its surface this is all that a call says.
    facts: {
      surface: surface ?? null,
      ...(brought !== undefined && { tools: brought }),
      ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    },
  };
}

/** The provider that is unknown is the workspace's default, or one that the request names: only the latter is the caller's to mend. */
function assertProviderNotNamed({ provider, model }: ResolveDto, { detail }: { detail: string }): void {
  if (model === undefined && provider === undefined) return;
  const errors = [
    { pointer: model !== undefined && /^@[^/]+\//.test(model) ? '/model' : '/provider', detail },
  ];
  throw new ClavigerError('validation_failed', detail, { errors });
}

function toDto({ assignment, model, step }: ModelChoice<StateAssignment>): ResolvedChoiceDto {
  const { aiProviderId, name, provider, keyVersion } = assignment;
  return { aiProviderId, name, provider, model, keyVersion, step };
}
