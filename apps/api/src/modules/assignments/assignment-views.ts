import { Inject, Injectable } from '@nestjs/common';
import { listModels, type Catalogue, type GateAssignment, type GateState } from '#lib/catalog';
import type { AuthorisedState } from '#lib/contracts';
import type { Clock } from '#lib/kernel';
import { policyGate } from '#lib/limits';
import type { TenantTx } from '#lib/persistence';
import { CLOCK } from '../../common/tokens.js';
import { CatalogueSource, keyStatus } from '../catalog/index.js';
import { modelDifference, type AssignedKey, type Assignment, type ModelRef } from './assignment.js';
import type { KeyFacts } from './assignments.repository.js';

/** Assignments as a person reads them: with what is known of their keys, and what a change of them means. */
@Injectable()
export class AssignmentViews {
  constructor(
    private readonly catalogue: CatalogueSource,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async present(
    tx: TenantTx,
    assignments: Assignment[],
    facts: Map<string, KeyFacts>,
  ): Promise<AssignedKey[]> {
    return present(assignments, facts, await this.catalogue.current(tx), this.clock.now());
  }

  /** Which models a workspace in this state gains and loses when its assignments turn from `before` into `wanted`. */
  async difference(
    tx: TenantTx,
    state: AuthorisedState,
    [before, wanted]: [Assignment[], Assignment[]],
    facts: Map<string, KeyFacts>,
  ): Promise<{ gained: ModelRef[]; lost: ModelRef[] }> {
    const catalogue = await this.catalogue.current(tx);
    const now = this.clock.now();
    const policies = policyGate(state.policies, { now });
    const models = (assignments: Assignment[]) =>
      listModels(withAssignments(state, assignments, facts), catalogue, now, policies);
    return modelDifference(models(before), models(wanted));
  }
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
