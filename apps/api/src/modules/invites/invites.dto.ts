import { Transform } from 'class-transformer';
import { IsBoolean, IsEmail, IsIn, IsString, MaxLength, MinLength } from 'class-validator';
import { ORG_ROLES, type OrgRole } from '#lib/contracts';
import { IsName, IsTime, Omittable } from '../../common/fields.js';
import { SessionDto } from '../auth/index.js';

export class CreateInviteDto {
  /** MEMBER when left out. */
  @Omittable()
  @IsIn(ORG_ROLES, { message: `Give one of ${ORG_ROLES.join(', ')}.` })
  role?: OrgRole;

  /** RFC 3339, 30 days ahead at most; without it the link ends in 7 days. */
  @Omittable()
  @IsTime()
  expiresAt?: string;
}

export class UpdateInviteDto {
  @IsBoolean()
  enabled!: boolean;
}

/** Empty for who is signed in; a new person's account otherwise. */
export class AcceptInviteDto {
  @Omittable()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value))
  @IsEmail({}, { message: 'Give an e-mail address like owner@example.com.' })
  @MaxLength(254)
  email?: string;

  @Omittable()
  @IsString()
  @MinLength(10, { message: 'Choose a password of at least 10 characters.' })
  @MaxLength(200, { message: 'Choose a password of at most 200 characters.' })
  password?: string;

  @Omittable()
  @IsName()
  name?: string;
}

export class InviteDto {
  id!: string;
  role!: OrgRole;
  enabled!: boolean;
  /** From when on the link is refused; null only for links from before there was a default. */
  expiresAt!: string | null;
  /** How often the link was used. */
  uses!: number;
  createdBy!: string;
  createdAt!: string;
}

export class CreatedInviteDto extends InviteDto {
  /** Shown once. */
  token!: string;
  /** Shown once: send it to who should join. */
  link!: string;
}

export class InvitePageDto {
  data!: InviteDto[];
  nextCursor!: string | null;
  hasMore!: boolean;
}

/** What somebody with the link may know before they accept. */
export class InvitePreviewDto {
  orgName!: string;
  role!: OrgRole;
}

export class AcceptedInviteDto {
  memberId!: string;
  orgId!: string;
  orgName!: string;
  /** `pending`: an OWNER approves next. */
  status!: 'pending';
  session!: SessionDto;
}
