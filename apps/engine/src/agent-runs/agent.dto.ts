import { ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsString,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { MAX_SURFACE_LENGTH } from '#lib/contracts';
import { IsToolChoice, OptionalField, TOOL_CHOICE } from './fields.js';
import {
  AssistantMessageDto,
  toMessage,
  ToolMessageDto,
  UserMessageDto,
  type AnyMessageDto,
} from './message.dto.js';
import { RouteTargetDto } from './route.dto.js';
import { StepRuleDto, STOP_SCHEMAS, toStop, type AnyStopDto } from './steps.dto.js';
import { ClientToolDto, HttpToolDto, McpToolDto, toTool } from './tool.dto.js';

const OUTPUT_TYPES = ['text', 'json', 'score', 'category', 'boolean'] as const;
type OutputType = (typeof OUTPUT_TYPES)[number];

export class OutputDto {
  @ApiProperty({ enum: OUTPUT_TYPES })
  @IsIn(OUTPUT_TYPES)
  type!: OutputType;

  /** JSON Schema of a `json` answer, or the bounds of a `score` (from 0 to 1 without one). */
  @ApiPropertyOptional({ type: Object, additionalProperties: true })
  @OptionalField()
  @IsObject()
  schema?: Record<string, unknown>;

  /** What the answer may be; needed for `category`. */
  @ApiPropertyOptional({ type: [String] })
  @OptionalField()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @IsString({ each: true })
  @MinLength(1, { each: true })
  @MaxLength(200, { each: true })
  categories?: string[];
}

const MESSAGE_SCHEMAS = [UserMessageDto, AssistantMessageDto, ToolMessageDto];
const TOOL_SCHEMAS = [HttpToolDto, McpToolDto, ClientToolDto];

/** An Agent node: what to ask, which model may answer, and with which tools. */
export class AgentDto {
  /** A model id, `@slug/model`, or `@aip_…/model`. Without one the defaults of the key, the surface and the provider decide. */
  @ApiPropertyOptional({ type: String })
  @OptionalField()
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  model?: string;

  /** Provider slug. */
  @ApiPropertyOptional({ type: String })
  @OptionalField()
  @IsString()
  @MinLength(1)
  @MaxLength(100)
  provider?: string;

  /** Where the call comes from, e.g. `agent_complex`: picks a default model. */
  @ApiPropertyOptional({ type: String })
  @OptionalField()
  @IsString()
  @MinLength(1)
  @MaxLength(MAX_SURFACE_LENGTH)
  surface?: string;

  @ApiPropertyOptional({ type: String })
  @OptionalField()
  @IsString()
  @MaxLength(500_000)
  system?: string;

  /** Either this or `messages`. */
  @ApiPropertyOptional({ type: String })
  @OptionalField()
  @IsString()
  @MinLength(1)
  @MaxLength(500_000)
  prompt?: string;

  @ApiPropertyOptional({
    type: 'array',
    items: { oneOf: MESSAGE_SCHEMAS.map((message) => ({ $ref: getSchemaPath(message) })) },
  })
  @OptionalField()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1_000)
  @ValidateNested({ each: true })
  @Transform(({ value }: { value: unknown }) => (Array.isArray(value) ? value.map(toMessage) : value))
  messages?: AnyMessageDto[];

  @ApiPropertyOptional({
    type: 'array',
    items: { oneOf: TOOL_SCHEMAS.map((tool) => ({ $ref: getSchemaPath(tool) })) },
  })
  @OptionalField()
  @IsArray()
  @ArrayMaxSize(128)
  @ValidateNested({ each: true })
  @Transform(({ value }: { value: unknown }) => (Array.isArray(value) ? value.map(toTool) : value))
  tools?: (HttpToolDto | McpToolDto | ClientToolDto)[];

  @ApiPropertyOptional(TOOL_CHOICE)
  @OptionalField()
  @IsToolChoice()
  toolChoice?: 'auto' | 'none' | 'required' | { tool: string };

  /** How many model calls the run may take. */
  @ApiPropertyOptional({ type: Number, minimum: 1, maximum: 100, default: 20 })
  @OptionalField()
  @IsInt()
  @Min(1)
  @Max(100)
  maxSteps?: number;

  /**
   * Ends the run, with success, after a step in which the model called tools, as soon as one of these holds; `stopReason` of the answer
   * says which. Its `output` is null then where it is to have another form than text.
   */
  @ApiPropertyOptional({
    type: 'array',
    items: { oneOf: STOP_SCHEMAS.map((condition) => ({ $ref: getSchemaPath(condition) })) },
  })
  @OptionalField()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(20)
  @ValidateNested({ each: true })
  @Transform(({ value }: { value: unknown }) => (Array.isArray(value) ? value.map(toStop) : value))
  stopWhen?: AnyStopDto[];

  /** What holds for some of its steps. */
  @ApiPropertyOptional({ type: [StepRuleDto] })
  @OptionalField()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(20)
  @ValidateNested({ each: true })
  @Type(() => StepRuleDto)
  steps?: StepRuleDto[];

  @ApiPropertyOptional({ type: OutputDto })
  @OptionalField()
  @IsObject()
  @ValidateNested()
  @Type(() => OutputDto)
  output?: OutputDto;

  @ApiPropertyOptional({ type: Number, minimum: 0, maximum: 2 })
  @OptionalField()
  @IsNumber({ allowNaN: false, allowInfinity: false })
  @Min(0)
  @Max(2)
  temperature?: number;

  @ApiPropertyOptional({ type: Number, minimum: 1 })
  @OptionalField()
  @IsInt()
  @Min(1)
  @Max(10_000_000)
  maxOutputTokens?: number;

  /** Milliseconds that the whole run may take. */
  @ApiPropertyOptional({ type: Number, minimum: 100, maximum: 3_600_000, default: 300_000 })
  @OptionalField()
  @IsInt()
  @Min(100)
  @Max(3_600_000)
  timeoutMs?: number;

  /** Where to go on, in this order, when the model's provider fails before the first token of its answer. */
  @ApiPropertyOptional({ type: [RouteTargetDto] })
  @OptionalField()
  @IsArray()
  @ArrayMaxSize(20)
  @ValidateNested({ each: true })
  @Type(() => RouteTargetDto)
  routes?: RouteTargetDto[];
}
