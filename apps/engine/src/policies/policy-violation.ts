import { ClavigerError, type PolicyRefusal } from '#lib/contracts';
import type { Refusal } from '#lib/catalog';
import { refusalOf } from '#lib/limits';

/** A refusal by a policy: carries what its receipt needs. */
export class PolicyViolation extends ClavigerError {
  constructor(
    detail: string,
    readonly broken: PolicyRefusal,
  ) {
    super('policy_violation', detail, { extras: { ...broken } });
    this.name = 'PolicyViolation';
  }
}

/** The refusal of a call by what it broke. */
export function violationBy(broken: PolicyRefusal): PolicyViolation {
  const { detail, extras } = refusalOf(broken);
  return new PolicyViolation(detail, extras);
}

/** Whether a gate's refusal is a policy's. */
export function isPolicyRefusal(
  refusal: Refusal,
): refusal is Refusal & { extras: PolicyRefusal & Record<string, unknown> } {
  return refusal.code === 'policy_violation' && refusal.extras !== undefined && 'rule' in refusal.extras;
}
