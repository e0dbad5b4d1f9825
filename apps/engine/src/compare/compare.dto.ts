import { ApiProperty, ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsObject,
  IsString,
  MaxLength,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { WorkflowDto } from '../agent-runs/agent-runs.dto.js';
import { AgentDto } from '../agent-runs/agent.dto.js';
import { OptionalField } from '../agent-runs/fields.js';
import { AgentRunResponse, RunUsageResponse } from '../agent-runs/response.dto.js';

/** An Agent node without its model: `models` take its place, and none goes elsewhere when it fails. */
export class ComparedAgentDto extends OmitType(AgentDto, ['model', 'provider', 'routes'] as const) {}

export class CompareDto {
  /** Model ids, each alone, as `@slug/model` or as `@aip_…/model`. */
  @ApiProperty({ type: [String], minItems: 2, maxItems: 8 })
  @IsArray()
  @ArrayMinSize(2)
  @ArrayMaxSize(8)
  @ArrayUnique()
  @IsString({ each: true })
  @MinLength(1, { each: true })
  @MaxLength(200, { each: true })
  models!: string[];

  @ApiProperty({ type: ComparedAgentDto })
  @IsObject()
  @ValidateNested()
  @Type(() => ComparedAgentDto)
  agent!: ComparedAgentDto;

  /** The workflow engine's own id of this comparison: equal posts join its runs. Without one each post runs anew. */
  @ApiPropertyOptional({ type: String, minLength: 1, maxLength: 200 })
  @OptionalField()
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  nodeExecutionId?: string;

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
}

export class ComparedResponse {
  @ApiProperty({ type: String }) model!: string;
  /** null: it became no run, and `error` says why. */
  @ApiProperty({ type: AgentRunResponse, nullable: true }) run!: AgentRunResponse | null;
  /** The problem of this model alone: why it was refused, or why its run failed. */
  @ApiProperty({ type: Object, additionalProperties: true, nullable: true }) error!: object | null;
}

export class CompareResponse {
  /** In the order in which the models were named. */
  @ApiProperty({ type: [ComparedResponse] }) results!: ComparedResponse[];
  /** What all runs used together; the cost is null where that of one is unknown. */
  @ApiProperty({ type: RunUsageResponse }) usage!: RunUsageResponse;
}
