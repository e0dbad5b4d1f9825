import { Injectable } from '@nestjs/common';
import { notFound, TOOL_KINDS, type PolicyRule, type PolicyScope } from '#lib/contracts';
import { isId, type FieldFault } from '#lib/kernel';
import { plainRules, ruleFaults } from '#lib/limits';
import type { TenantTx } from '#lib/persistence';
import { CatalogueSource } from '../catalog/index.js';
import type { PolicyScopeDto } from './policies.dto.js';
import { badRules, badScope } from './policies.errors.js';
import type { PolicyRuleDto } from './policy-rule.dto.js';
import { PolicySubjectsRepository } from './policy-subjects.repository.js';

/** What is sent of a policy, judged against what the organization has. */
@Injectable()
export class PolicyInput {
  constructor(
    private readonly subjects: PolicySubjectsRepository,
    private readonly catalogue: CatalogueSource,
  ) {}

  /** Throws not_found for an id that the organization does not have, and validation_failed for a type without its id. */
  async scope(tx: TenantTx, orgId: string, { type, id }: PolicyScopeDto): Promise<PolicyScope> {
    if (type === 'organization') {
      if (id !== undefined) {
        // An id that is nobody's is the same 404 here as everywhere; one that is ours has no place here.
        await this.#assertNamed(tx, orgId, id);
        throw badScope('The scope of the whole organization has no id: leave it out.');
      }
      return { type };
    }
    if (id === undefined) throw badScope(`Name the ${type} that the policy is for.`);
    const known =
      type === 'workspace'
        ? isId('ws', id) && (await this.subjects.workspaceExists(tx, orgId, id))
        : isId('tok', id) && (await this.subjects.tokenExists(tx, orgId, id));
    if (!known) throw notFound();
    return { type, id };
  }

  /** Throws not_found for a key that the organization does not have, and validation_failed with every fault. */
  async rules(tx: TenantTx, orgId: string, sent: PolicyRuleDto[]): Promise<PolicyRule[]> {
    for (const { aiProviderId: id } of sent) {
      if (id === undefined) continue;
      if (!isId('aip', id) || !(await this.subjects.keyExists(tx, orgId, id))) throw notFound();
    }
    const rules = sent.map((rule) => ({ ...rule }));
    const catalogue = await this.catalogue.current(tx);
    const known = (slug: string) => catalogue.provider(slug) !== undefined;
    const valid = catalogue.providers.map(({ slug }) => slug).join(', ');
    const faults = [
      ...ruleFaults(rules),
      ...sent.flatMap((rule, index) => [
        ...slugFaults(rule, index, known, valid),
        ...kindFaults(rule, index),
      ]),
    ];
    if (faults.length > 0) throw badRules(faults);
    return plainRules(rules);
  }

  async #assertNamed(tx: TenantTx, orgId: string, id: string): Promise<void> {
    const known =
      (isId('ws', id) && (await this.subjects.workspaceExists(tx, orgId, id))) ||
      (isId('tok', id) && (await this.subjects.tokenExists(tx, orgId, id)));
    if (!known) throw notFound();
  }
}

function slugFaults(
  { type, allow = [], deny = [] }: PolicyRuleDto,
  index: number,
  known: (slug: string) => boolean,
  valid: string,
): FieldFault[] {
  if (type !== 'providers') return [];
  const faultsIn = (field: string, slugs: string[]) =>
    slugs.flatMap((slug, at) =>
      known(slug)
        ? []
        : [
            {
              pointer: `/rules/${index}/${field}/${at}`,
              detail: `There is no such provider. Valid ones: ${valid}.`,
            },
          ],
    );
  return [...faultsIn('allow', allow), ...faultsIn('deny', deny)];
}

function kindFaults({ type, kinds = [] }: PolicyRuleDto, index: number): FieldFault[] {
  if (type !== 'tools') return [];
  return kinds.flatMap((kind, at) =>
    TOOL_KINDS.some((known) => known === kind)
      ? []
      : [{ pointer: `/rules/${index}/kinds/${at}`, detail: `Give one of ${TOOL_KINDS.join(', ')}.` }],
  );
}
