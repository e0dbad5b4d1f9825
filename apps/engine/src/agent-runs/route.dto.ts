import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsString, Max, MaxLength, Min, MinLength } from 'class-validator';
import { OptionalField } from './fields.js';

/** A further target of an agent, for when those before it fail: named as the agent's own model is, or by its key. */
export class RouteTargetDto {
  /** A model id, `@slug/model`, or `@aip_…/model`. */
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

  /** The one key to use; it must be assigned to the workspace. */
  @ApiPropertyOptional({ type: String })
  @OptionalField()
  @IsString()
  @MinLength(1)
  @MaxLength(100)
  aiProviderId?: string;

  /** Milliseconds until the first token of its answer; without it, the target's even share of the time that the run has left. */
  @ApiPropertyOptional({ type: Number, minimum: 100, maximum: 3_600_000 })
  @OptionalField()
  @IsInt()
  @Min(100)
  @Max(3_600_000)
  timeoutMs?: number;
}
