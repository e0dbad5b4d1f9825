import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsObject,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { RUN_STATUSES, type RunStatus } from '#lib/contracts';
import { PageQuery } from '#lib/http';
import { AgentDto } from './agent.dto.js';
import { IsDay, OptionalField } from './fields.js';

export class WorkflowDto {
  @ApiProperty({ type: String })
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  id!: string;

  /** As the workflow engine counts: text, or a number, which is kept as text. */
  @ApiPropertyOptional({ oneOf: [{ type: 'string' }, { type: 'number' }] })
  @OptionalField()
  @Transform(({ value }: { value: unknown }) => (Number.isFinite(value) ? String(value) : value))
  @IsString()
  @MaxLength(200)
  version?: string;
}

export class CallbackDto {
  /** `whk_…` of the organization, of this workspace or of all: it is told of this run's end, whatever it subscribed to. */
  @ApiProperty({ type: String })
  @IsString()
  @MaxLength(64)
  webhookId!: string;
}

export class CreateAgentRunDto {
  /** The workflow engine's own id of this execution of this node: equal posts join the same run. */
  @ApiProperty({ type: String, minLength: 1, maxLength: 255 })
  @IsString()
  @MinLength(1)
  @MaxLength(255)
  // Calls of the compatible endpoints are named so.
  @Matches(/^(?!compatible run_)/, {
    message: 'nodeExecutionId may not begin with "compatible run_": the engine names calls of its own so.',
  })
  nodeExecutionId!: string;

  @ApiPropertyOptional({ type: WorkflowDto })
  @OptionalField()
  @IsObject()
  @ValidateNested()
  @Type(() => WorkflowDto)
  workflow?: WorkflowDto;

  /** The user that the workflow engine runs this for, in its own terms; for usage only. */
  @ApiPropertyOptional({ type: String })
  @OptionalField()
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  userId?: string;

  @ApiProperty({ type: AgentDto })
  @IsObject()
  @ValidateNested()
  @Type(() => AgentDto)
  agent!: AgentDto;

  @ApiPropertyOptional({ type: CallbackDto })
  @OptionalField()
  @IsObject()
  @ValidateNested()
  @Type(() => CallbackDto)
  callback?: CallbackDto;
}

export class ListAgentRunsQuery extends PageQuery {
  @ApiPropertyOptional({ enum: RUN_STATUSES })
  @OptionalField()
  @IsIn(RUN_STATUSES)
  status?: RunStatus;

  @ApiPropertyOptional({ type: String })
  @OptionalField()
  @IsString()
  @MaxLength(255)
  nodeExecutionId?: string;

  @ApiPropertyOptional({ type: String })
  @OptionalField()
  @IsString()
  @MaxLength(200)
  workflowId?: string;

  /** The model that served, as the provider spells it. */
  @ApiPropertyOptional({ type: String })
  @OptionalField()
  @IsString()
  @MaxLength(200)
  model?: string;

  /** First day (UTC) on which a run was started. */
  @ApiPropertyOptional({ type: String, format: 'date' })
  @OptionalField()
  @IsDay()
  from?: string;

  /** Last day (UTC). */
  @ApiPropertyOptional({ type: String, format: 'date' })
  @OptionalField()
  @IsDay()
  to?: string;
}

/** What may be told of a run beside its answer. */
const INCLUDED = ['request'] as const;

export class GetRunQuery {
  /** `request`: with what it was asked. Else it is told as it was when it ended, the synchronous answer. */
  @ApiPropertyOptional({ enum: INCLUDED })
  @OptionalField()
  @IsIn(INCLUDED)
  include?: (typeof INCLUDED)[number];

  /** Seconds to wait for the run to end. */
  @ApiPropertyOptional({ type: Number, minimum: 0, maximum: 30 })
  @OptionalField()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(30)
  wait?: number;
}
