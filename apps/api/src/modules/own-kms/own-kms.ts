import type { OwnKmsKey } from '#lib/contracts';

/** `pending` is being checked, `active` wraps what is sealed from now on, `retired` still opens what was wrapped under it. */
export type OwnKmsState = 'pending' | 'active' | 'retired';

/** A KMS key that the organization named. What it is never changes; only whether it is used does. */
export interface OwnKmsRecord extends OwnKmsKey {
  id: string;
  kmsRef: string;
  state: OwnKmsState;
  checkedAt: Date | null;
}

/** The account that an ARN belongs to. */
export function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}
