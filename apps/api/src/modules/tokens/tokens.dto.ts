import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { plainToInstance, Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { TOKEN_KINDS, type TokenKind } from '#lib/kernel';
import { IsName, IsReference, IsTime, Omittable } from '../../common/fields.js';
import { RateLimitsDto } from '../../common/rate-limits.dto.js';
import { IsPermissionAction, isPermissionAction, PERMISSION_MESSAGE } from './permission-action.js';

export class PermissionInputDto {
  @Omittable()
  @IsIn(['Allow', 'Deny'])
  @ApiPropertyOptional({ enum: ['Allow', 'Deny'], default: 'Allow' })
  effect?: 'Allow' | 'Deny';

  /** Permission strings or globs, e.g. `workspaces:List*`; the kebab spelling is accepted. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsPermissionAction({ each: true })
  actions!: string[];

  /** Ids, globs of ids, or `*`, which it is when left out. */
  @Omittable()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @MaxLength(100, { each: true })
  resources?: string[];
}

/** A statement as it is kept: permission strings in the camelCase spelling, nothing left out. */
export class PermissionStatementDto {
  effect!: 'Allow' | 'Deny';
  actions!: string[];
  resources!: string[];
}

/** A plain permission string is an Allow on everything; one that names no permission stays what it is, for the rule to refuse. */
const statements = ({ value }: { value: unknown }): unknown =>
  Array.isArray(value)
    ? value.map((entry: unknown) =>
        isPermissionAction(entry)
          ? Object.assign(new PermissionInputDto(), { actions: [entry] })
          : plainToInstance(PermissionInputDto, entry),
      )
    : value;

@ApiExtraModels(PermissionInputDto)
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

  /**
   * Left out: all that its owner may, now and later. A plain permission string (or glob) is an Allow on everything; strings and
   * statements may be mixed. A Deny beats every Allow.
   */
  @Omittable()
  @IsArray()
  @ArrayMaxSize(50)
  @ValidateNested({ each: true, message: PERMISSION_MESSAGE })
  @Transform(statements)
  @ApiPropertyOptional({
    type: 'array',
    items: { oneOf: [{ type: 'string' }, { $ref: getSchemaPath(PermissionInputDto) }] },
  })
  permissions?: PermissionInputDto[];

  /** RFC 3339; without it the token lasts until it is revoked. */
  @Omittable()
  @IsTime()
  expiresAt?: string;

  /** What the token may send, over all keys and providers, beside their own limits. */
  @Omittable()
  @ValidateNested()
  @Type(() => RateLimitsDto)
  limits?: RateLimitsDto;
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
  @ApiProperty({ type: RateLimitsDto, nullable: true })
  limits!: RateLimitsDto | null;
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
