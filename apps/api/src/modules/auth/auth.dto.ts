import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsEmail, IsString, MaxLength, MinLength } from 'class-validator';
import type { OrgRole } from '#lib/contracts';
import { PageQuery } from '#lib/http';
import { IsName, IsReference } from '../../common/fields.js';

const trimmed = ({ value }: { value: unknown }): unknown =>
  typeof value === 'string' ? value.trim() : value;

export class SignupDto {
  @Transform(trimmed)
  @IsEmail({}, { message: 'Give an e-mail address like owner@example.com.' })
  @MaxLength(254)
  email!: string;

  /** At least 10 characters. */
  @IsString()
  @MinLength(10, { message: 'Choose a password of at least 10 characters.' })
  @MaxLength(200, { message: 'Choose a password of at most 200 characters.' })
  password!: string;

  @IsName()
  name!: string;

  @IsName()
  orgName!: string;
}

export class LoginDto {
  @IsString()
  @MaxLength(254)
  email!: string;

  @IsString()
  @MaxLength(1000)
  password!: string;
}

export class ChangePasswordDto {
  @IsString()
  @MaxLength(1000)
  currentPassword!: string;

  /** At least 10 characters. All other sessions end. */
  @IsString()
  @MinLength(10, { message: 'Choose a password of at least 10 characters.' })
  @MaxLength(200, { message: 'Choose a password of at most 200 characters.' })
  newPassword!: string;
}

export class ActiveOrgDto {
  @IsReference()
  orgId!: string;
}

export class UserDto {
  id!: string;
  email!: string;
  name!: string;
}

/** An organization as one of its people sees it. */
export class MembershipDto {
  id!: string;
  name!: string;
  slug!: string;
  plan!: string;
  memberId!: string;
  role!: OrgRole;
  /** `pending` until an OWNER approves. */
  status!: 'pending' | 'active';
}

export class WorkspaceSummaryDto {
  id!: string;
  name!: string;
  slug!: string;
  isDefault!: boolean;
  canEdit!: boolean;
  canDelete!: boolean;
  canExecute!: boolean;
}

/** Who is signed in, where, and what they see of it. */
export class SessionDto {
  user!: UserDto;
  /** The active organization; null when there is none in which the person is an active member. */
  org!: MembershipDto | null;
  /** Every organization of the person, pending ones included. */
  orgs!: MembershipDto[];
  workspaces!: WorkspaceSummaryDto[];
  /** To be sent as X-CSRF-Token with every write of this session. */
  csrfToken!: string;
}

export class SessionEntryDto {
  id!: string;
  /** Whether it is the session of this call. */
  current!: boolean;
  ip!: string | null;
  userAgent!: string | null;
  createdAt!: string;
  lastSeenAt!: string;
  expiresAt!: string;
}

export class ListSessionsQuery extends PageQuery {}

export class SessionPageDto {
  /** The one opened last first. */
  data!: SessionEntryDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
  hasMore!: boolean;
}
