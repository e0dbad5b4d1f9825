import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsString,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateBy,
  ValidateNested,
  type ValidationOptions,
} from 'class-validator';
import { MAX_SURFACE_LENGTH, TOOL_KINDS, type ToolKind } from '#lib/contracts';
import { Omittable } from '../../common/fields.js';

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

/** What rules ask of a tool. */
export class ToolFactDto {
  @IsIn([...TOOL_KINDS])
  @ApiProperty({ enum: TOOL_KINDS })
  kind!: ToolKind;

  @IsString()
  @MinLength(1)
  @MaxLength(128)
  name!: string;
}

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
  @MaxLength(MAX_SURFACE_LENGTH)
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

  /** The tools that the call brings; left out, rules about them are not judged. */
  @Omittable()
  @IsArray()
  @ArrayMaxSize(128)
  @ValidateNested({ each: true })
  @Type(() => ToolFactDto)
  @ApiPropertyOptional({ type: () => [ToolFactDto] })
  tools?: ToolFactDto[];

  /** The most output tokens that the call asks for; left out, rules about them are not judged. */
  @Omittable()
  @IsInt()
  @Min(1)
  @Max(10_000_000)
  @ApiPropertyOptional({ type: 'integer' })
  maxOutputTokens?: number;
}
