import { Injectable } from '@nestjs/common';
import { isDeepStrictEqual } from 'node:util';
import { can, forbidden, type Principal } from '#lib/access';
import type { PolicyScope } from '#lib/contracts';
import type { FieldFault } from '#lib/kernel';
import type { JudgeRule } from '#lib/limits';
import type { TenantTx } from '#lib/persistence';
import { badRules } from './policies.errors.js';
import type { PolicySettings, PolicyWrite } from './policy.js';
import { PolicySubjectsRepository } from './policy-subjects.repository.js';

const ASSIGN = 'aiProviders:AssignAiProvider';

/** How a policy has the key of a judge: for good, or while the workspaces have it. */
type Standing = 'given' | 'assigned';

/** A change of a policy; `names`: its rules or its scope were sent, and with them the keys of its judges named. */
export interface JudgesChange {
  after: PolicySettings;
  before?: PolicyWrite;
  names: boolean;
}

/**
 * Who may have a policy judged by a key. To name it is to assign it, to this policy alone: that is for whoever may assign keys. Others
 * take one that every workspace concerned has already, for as long as it has it, or leave what is there as it is.
 */
@Injectable()
export class PolicyJudges {
  constructor(private readonly subjects: PolicySubjectsRepository) {}

  /** The keys that the policy is given from now on. Throws forbidden, and validation_failed for a model that a key is not for. */
  async grants(tx: TenantTx, principal: Principal, change: JudgesChange): Promise<string[]> {
    const faults: FieldFault[] = [];
    const standings = new Map<string, Standing>();
    for (const [index, rule] of change.after.rules.entries()) {
      if (rule.type !== 'judge') continue;
      const standing = await this.#standing(tx, principal, rule, change);
      if (standing === null) throw forbidden(ASSIGN, principal);
      if (standings.get(rule.aiProviderId) !== 'assigned') standings.set(rule.aiProviderId, standing);
      const models = await this.subjects.keyModels(tx, principal.orgId, rule.aiProviderId);
      if (models.length > 0 && !models.includes(rule.model))
        faults.push({
          pointer: `/rules/${index}/model`,
          detail: `The key is for ${models.join(', ')} alone. Name one of these, or ask an OWNER to add this one to the key.`,
        });
    }
    if (faults.length > 0) throw badRules(faults);
    return [...standings].flatMap(([id, standing]) => (standing === 'given' ? [id] : []));
  }

  async #standing(
    tx: TenantTx,
    principal: Principal,
    rule: JudgeRule,
    { after: { scope }, before, names }: JudgesChange,
  ): Promise<Standing | null> {
    const { aiProviderId, model } = rule;
    if (names && can(principal, ASSIGN, aiProviderId)) return 'given';
    if (before && sameScope(before.scope, scope)) {
      const given = before.judgeGrants.includes(aiProviderId);
      if (given && judgesOf(before).some((old) => old.aiProviderId === aiProviderId && old.model === model))
        return 'given';
      // Nothing is asked with it that was not asked before, and where it is not assigned it answers nothing.
      if (judgesOf(before).some((old) => isDeepStrictEqual(old, rule))) return 'assigned';
    }
    const everywhere = await this.subjects.assignedWhere(tx, principal.orgId, aiProviderId, scope);
    return everywhere ? 'assigned' : null;
  }
}

/** The keys of a policy's judges, each once. */
export function judgeKeysOf(settings: Pick<PolicySettings, 'rules'>): string[] {
  return [...new Set(judgesOf(settings).map(({ aiProviderId }) => aiProviderId))];
}

function judgesOf({ rules }: Pick<PolicySettings, 'rules'>): JudgeRule[] {
  return rules.flatMap((rule) => (rule.type === 'judge' ? [rule] : []));
}

function sameScope(a: PolicyScope, b: PolicyScope): boolean {
  return a.type === b.type && ('id' in a ? a.id : null) === ('id' in b ? b.id : null);
}
