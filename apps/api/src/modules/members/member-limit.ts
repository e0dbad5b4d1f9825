import type { TenantTx } from '#lib/persistence';

/** What members need of the plan: exact under parallel requests, in the transaction of the change itself (PRODUCT #42). */
export interface MemberLimit {
  /** Takes one place. Throws `plan_limit_reached`. */
  claim(tx: TenantTx, orgId: string, resource: 'members'): Promise<void>;
  release(tx: TenantTx, orgId: string, resource: 'members'): Promise<void>;
  /** The ids of the members that exceed the plan. */
  readOnly(tx: TenantTx, resource: 'members'): Promise<Set<string>>;
  /** Throws `plan_read_only` when the member is one of them. */
  assertWritable(tx: TenantTx, orgId: string, resource: 'members', id: string): Promise<void>;
}

/** Bound to the plan-limits room by the module file. */
export const MEMBER_LIMIT = Symbol('MEMBER_LIMIT');
