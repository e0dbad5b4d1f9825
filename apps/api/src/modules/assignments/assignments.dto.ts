import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsInt, Max, Min, ValidateNested } from 'class-validator';
import {
  ERROR_CODES,
  PROVIDER_KEY_STATUSES,
  RATE_METRICS,
  RATE_SCOPES,
  type ErrorCode,
  type ProviderKeyStatus,
  type RateMetric,
  type RateScopeKind,
} from '#lib/contracts';
import { IsModelId, IsModelList, IsReference, Omittable } from '../../common/fields.js';
import { ModelDto } from '../catalog/index.js';
import { PageQuery } from '#lib/http';
import { QuotaRoomDto } from './quota-room.dto.js';

export class AssignmentInputDto {
  @IsReference()
  aiProviderId!: string;

  /** Lower goes first; 0 unless told. */
  @Omittable()
  @IsInt()
  @Min(0)
  @Max(1_000)
  priority?: number;

  /** Among equal priorities, higher goes first; 1 unless told. */
  @Omittable()
  @IsInt()
  @Min(0)
  @Max(1_000)
  weight?: number;

  /** false keeps the assignment without using it. */
  @Omittable()
  @IsBoolean()
  active?: boolean;

  /** The key's default model in this workspace. */
  @Omittable()
  @IsModelId()
  defaultModel?: string;

  /** The only models of the key that this workspace may use. Empty: what the key's own list says. */
  @Omittable()
  @IsModelList()
  models?: string[];
}

export class ReplaceAssignmentsDto {
  /** All keys of the workspace: what is not listed is taken away. */
  @IsArray()
  @ArrayMaxSize(200)
  @ValidateNested({ each: true })
  @Type(() => AssignmentInputDto)
  @ApiProperty({ type: () => [AssignmentInputDto] })
  assignments!: AssignmentInputDto[];
}

export class ReplaceAssignmentsQuery {
  /** `true` says what would change and changes nothing. */
  @Omittable()
  @IsIn(['true', 'false'])
  @ApiPropertyOptional({ type: Boolean })
  preview?: 'true' | 'false';
}

export class AssignedKeyDto {
  aiProviderId!: string;
  name!: string;
  provider!: string;
  @ApiProperty({ type: String, nullable: true })
  mask!: string | null;
  enabled!: boolean;
  @ApiProperty({ enum: PROVIDER_KEY_STATUSES })
  status!: ProviderKeyStatus;
  @ApiProperty({ type: 'integer' })
  priority!: number;
  @ApiProperty({ type: 'integer' })
  weight!: number;
  active!: boolean;
  @ApiProperty({ type: String, nullable: true })
  defaultModel!: string | null;
  models!: string[];
}

export class ListAssignedKeysQuery extends PageQuery {}

export class AssignedKeyPageDto {
  /** In the order of choice. */
  @ApiProperty({ type: () => [AssignedKeyDto] })
  data!: AssignedKeyDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
  hasMore!: boolean;
}

export class ModelRefDto {
  id!: string;
  provider!: string;
}

export class ReplacedAssignmentsDto {
  @ApiProperty({ type: () => [AssignedKeyDto] })
  data!: AssignedKeyDto[];

  /** Whether this only says what would change. */
  preview!: boolean;
  /** Models that the workspace can use after and could not before. */
  @ApiProperty({ type: () => [ModelRefDto] })
  gained!: ModelRefDto[];
  /** Models that the workspace could use before and cannot after. */
  @ApiProperty({ type: () => [ModelRefDto] })
  lost!: ModelRefDto[];
}

export class AvailableModelDto extends ModelDto {
  /** The keys that serve it, in the order of choice. */
  aiProviderIds!: string[];
}

export class UnavailableModelDto {
  id!: string;
  provider!: string;
  @ApiProperty({ enum: ERROR_CODES })
  code!: ErrorCode;
  detail!: string;
}

/** What an alias of the organization stands for in this workspace now, or why for nothing. */
export class ListedAliasDto {
  name!: string;
  models!: string[];
  @ApiProperty({ type: String, nullable: true })
  model!: string | null;
  @ApiProperty({ type: String, nullable: true })
  provider!: string | null;
  @ApiProperty({ enum: ERROR_CODES, nullable: true, type: String })
  code!: ErrorCode | null;
  @ApiProperty({ type: String, nullable: true })
  detail!: string | null;
}

export class ModelListDto {
  @ApiProperty({ type: () => [AvailableModelDto] })
  data!: AvailableModelDto[];
  @ApiProperty({ type: () => [UnavailableModelDto] })
  unavailable!: UnavailableModelDto[];
  @ApiProperty({ type: () => [ListedAliasDto] })
  aliases!: ListedAliasDto[];
}

export class GateTraceDto {
  gate!: string;
  ok!: boolean;
  detail!: string;
}

export class ResolvedChoiceDto {
  aiProviderId!: string;
  /** The key's name. */
  name!: string;
  provider!: string;
  model!: string;
  @ApiProperty({ type: 'integer' })
  keyVersion!: number;
  /** Which of the six steps of the model order named the model. */
  @ApiProperty({ type: 'integer' })
  step!: number;
}

/** A key of the workspace that a call does not get, not even as an alternative. */
export class PassedOverKeyDto {
  aiProviderId!: string;
  /** The key's name. */
  name!: string;
  provider!: string;
  /** The gate that it does not pass; `provider` where the call is about other keys. */
  gate!: string;
  /** What a call that names this very key is refused with; null: nothing, the call only goes elsewhere. */
  @ApiProperty({ enum: ERROR_CODES, nullable: true, type: String })
  code!: ErrorCode | null;
  detail!: string;
}

/** What is left of one rate limit that the choice counts against. */
export class HeadRoomDto {
  @ApiProperty({ enum: RATE_SCOPES })
  scope!: RateScopeKind;
  /** The key, the token or the provider's slug. */
  id!: string;
  @ApiProperty({ enum: RATE_METRICS })
  metric!: RateMetric;
  limit!: number;
  /** Counted in the window that ends now; what the engines hold ready is in it. */
  used!: number;
  left!: number;
  windowSeconds!: number;
}

export class ResolutionDto {
  ok!: boolean;
  /** What a call would use; null when it would be refused. */
  @ApiProperty({ type: () => ResolvedChoiceDto, nullable: true })
  choice!: ResolvedChoiceDto | null;
  /** The other keys that could serve it, in the order of choice. */
  @ApiProperty({ type: () => [ResolvedChoiceDto] })
  alternatives!: ResolvedChoiceDto[];
  /** The code that a call would be refused with. */
  @ApiProperty({ enum: ERROR_CODES, nullable: true, type: String })
  code!: ErrorCode | null;
  @ApiProperty({ type: String, nullable: true })
  detail!: string | null;
  /** What each gate said, in their order. */
  @ApiProperty({ type: () => [GateTraceDto] })
  trace!: GateTraceDto[];
  /** The other keys of the workspace, and why the call gets none of them. */
  @ApiProperty({ type: () => [PassedOverKeyDto] })
  passedOver!: PassedOverKeyDto[];
  /** Rate limits of the choice and what is left of them; null when that cannot be read now. */
  @ApiProperty({ type: () => [HeadRoomDto], nullable: true })
  headRoom!: HeadRoomDto[] | null;
  /** Quotas and budgets that the choice counts against and what is left of them. Nothing is reserved by asking. */
  @ApiProperty({ type: () => [QuotaRoomDto] })
  quotaRoom!: QuotaRoomDto[];
}
