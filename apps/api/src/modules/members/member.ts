import type { OrgRole } from '#lib/contracts';

export type MemberStatus = 'pending' | 'active';

export interface Member {
  id: string;
  userId: string;
  name: string;
  email: string;
  role: OrgRole;
  status: MemberStatus;
  createdAt: Date;
}

const RANK: Record<OrgRole, number> = { MEMBER: 0, ADMIN: 1, OWNER: 2 };

/** Whether somebody of role `actor` may decide about a person of role `subject`: nobody reaches above themselves. */
export function outranksOrEquals(actor: OrgRole, subject: OrgRole): boolean {
  return RANK[actor] >= RANK[subject];
}

/** Whether taking this member's rank away would leave the organization without an active OWNER. */
export function isLastOwner(member: Member, activeOwners: number): boolean {
  return member.role === 'OWNER' && member.status === 'active' && activeOwners <= 1;
}
