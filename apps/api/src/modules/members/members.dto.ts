import { IsIn } from 'class-validator';
import { ORG_ROLES, type OrgRole } from '#lib/contracts';
import { Omittable } from '../../common/fields.js';

const ROLE_MESSAGE = `Give one of ${ORG_ROLES.join(', ')}.`;

export class ApproveMemberDto {
  /** Left out: the role that the invite names. */
  @Omittable()
  @IsIn(ORG_ROLES, { message: ROLE_MESSAGE })
  role?: OrgRole;
}

export class UpdateMemberDto {
  @Omittable()
  @IsIn(ORG_ROLES, { message: ROLE_MESSAGE })
  role?: OrgRole;
}

export class MemberDto {
  id!: string;
  userId!: string;
  name!: string;
  email!: string;
  role!: OrgRole;
  status!: 'pending' | 'active';
  /** Whether they exceed the plan: they look and change nothing until there is room. */
  readOnly!: boolean;
  createdAt!: string;
}

export class MemberPageDto {
  data!: MemberDto[];
  nextCursor!: string | null;
  hasMore!: boolean;
}
