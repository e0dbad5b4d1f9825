import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsISO8601,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { TOKEN_KINDS, type TokenKind } from '#lib/kernel';
import { IsName, IsReference, Omittable } from '../../common/fields.js';
import { IsPermissionAction } from './permission-action.js';

export class PermissionStatementDto {
  @IsIn(['Allow', 'Deny'])
  effect!: 'Allow' | 'Deny';

  /** Permission strings or globs, e.g. `workspaces:List*`; the kebab spelling is accepted. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsPermissionAction({ each: true })
  actions!: string[];

  /** Ids, globs of ids, or `*`. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @MaxLength(100, { each: true })
  resources!: string[];
}

export class CreateTokenDto {
  @IsName()
  name!: string;

  /** `api`: this API; `engine`: the engine's internal API; `workspace`: the compatible endpoints of one workspace. */
  @IsIn(TOKEN_KINDS, { message: `Give one of ${TOKEN_KINDS.join(', ')}.` })
  kind!: TokenKind;

  /** A hard wall: the token works in this workspace only. */
  @Omittable()
  @IsReference()
  workspaceId?: string;

  /** Left out: all that its owner may, now and later. A Deny beats every Allow. */
  @Omittable()
  @IsArray()
  @ArrayMaxSize(50)
  @ValidateNested({ each: true })
  @Type(() => PermissionStatementDto)
  permissions?: PermissionStatementDto[];

  /** RFC 3339; without it the token lasts until it is revoked. */
  @Omittable()
  @IsISO8601({ strict: true }, { message: 'Give a time like 2027-01-31T12:00:00Z.' })
  expiresAt?: string;
}

export class RollTokenDto {
  /** Seconds that the old token stays good; 0 when left out. At most 30 days. */
  @Omittable()
  @IsInt()
  @Min(0)
  @Max(2_592_000)
  overlapSeconds?: number;
}

export class TokenDto {
  id!: string;
  name!: string;
  kind!: TokenKind;
  workspaceId!: string | null;
  ownerMemberId!: string;
  permissions!: PermissionStatementDto[] | null;
  prefix!: string;
  expiresAt!: string | null;
  revokedAt!: string | null;
  lastUsedAt!: string | null;
  createdAt!: string;
}

export class CreatedTokenDto extends TokenDto {
  /** Shown once: only its SHA-256 is kept. */
  token!: string;
}

export class TokenPageDto {
  data!: TokenDto[];
  nextCursor!: string | null;
  hasMore!: boolean;
}
