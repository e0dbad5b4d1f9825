import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateBy,
  ValidateNested,
  type ValidationOptions,
} from 'class-validator';
import { ERROR_CODES, PROVIDER_KEY_STATUSES, type ErrorCode, type ProviderKeyStatus } from '#lib/contracts';
import { IsModelId, IsModelList, IsReference, Omittable } from '../../common/fields.js';
import { ModelDto } from '../catalog/index.js';
import { PageQuery } from '#lib/http';

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

const CAPABILITIES = ['tools'] as const;
type Capability = (typeof CAPABILITIES)[number];

const isCapability = (value: unknown): boolean => CAPABILITIES.some((capability) => capability === value);

/** In place of `IsIn`, which would write the one form of two into the document. */
function IsCapability(options: ValidationOptions): PropertyDecorator {
  const defaultMessage = (): string => `Name what is needed out of: ${CAPABILITIES.join(', ')}.`;
  return ValidateBy({ name: 'isCapability', validator: { validate: isCapability, defaultMessage } }, options);
}

/** `{ tools: true }` as the list that it stands for. An unknown name stays in it, for the rule to refuse. */
const capabilities = ({ value }: { value: unknown }): unknown => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const named = Object.entries(value);
  if (!named.every(([, wanted]) => typeof wanted === 'boolean')) return value;
  return named.filter(([name, wanted]) => wanted || !isCapability(name)).map(([name]) => name);
};

export class ResolveDto {
  /** A model id, `@slug/model`, or `@aip_…/model`. */
  @Omittable()
  @IsString()
  @MaxLength(300)
  model?: string;

  @Omittable()
  @IsString()
  @MaxLength(64)
  provider?: string;

  @Omittable()
  @IsString()
  @MaxLength(64)
  surface?: string;

  /** What the model must be able to do: a list of capabilities, or an object that says of each whether it is needed. */
  @Omittable()
  @Transform(capabilities)
  @IsArray()
  @IsCapability({ each: true })
  @ApiPropertyOptional({
    oneOf: [
      { type: 'array', items: { type: 'string', enum: [...CAPABILITIES] } },
      { type: 'object', properties: { tools: { type: 'boolean' } }, additionalProperties: false },
    ],
  })
  needs?: Capability[] | Partial<Record<Capability, boolean>>;
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

export class ModelListDto {
  @ApiProperty({ type: () => [AvailableModelDto] })
  data!: AvailableModelDto[];
  @ApiProperty({ type: () => [UnavailableModelDto] })
  unavailable!: UnavailableModelDto[];
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
}
