import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, Matches } from 'class-validator';
import { IsReference, Omittable } from '../../common/fields.js';
import { USAGE_GROUPS, type UsageGroup } from './usage.js';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MESSAGE = 'Write the day as YYYY-MM-DD.';

export class UsageQuery {
  /** First day (UTC); 29 days before `to` unless told. */
  @Omittable()
  @Matches(DAY, { message: DAY_MESSAGE })
  @ApiPropertyOptional({ type: String, format: 'date' })
  from?: string;

  /** Last day (UTC); today unless told. */
  @Omittable()
  @Matches(DAY, { message: DAY_MESSAGE })
  @ApiPropertyOptional({ type: String, format: 'date' })
  to?: string;

  /** What to add up by, beside the day. */
  @Omittable()
  @IsIn(USAGE_GROUPS)
  @ApiPropertyOptional({ enum: USAGE_GROUPS })
  groupBy?: UsageGroup;

  /** Only this workspace. */
  @Omittable()
  @IsReference()
  workspaceId?: string;

  /** Only this provider key, which may have been deleted since. */
  @Omittable()
  @IsReference()
  aiProviderId?: string;
}

export class UsageRowDto {
  @ApiProperty({ format: 'date' })
  day!: string;
  /** The id, model or name that it is grouped by; null where a run named none. */
  @ApiProperty({ type: String, nullable: true })
  group!: string | null;
  /** What people call it, while it exists. */
  @ApiProperty({ type: String, nullable: true })
  name!: string | null;
  @ApiProperty({ type: 'integer' })
  calls!: number;
  @ApiProperty({ type: 'integer' })
  failedCalls!: number;
  @ApiProperty({ type: 'integer' })
  inputTokens!: number;
  @ApiProperty({ type: 'integer' })
  outputTokens!: number;
  @ApiProperty({ type: 'integer' })
  cachedInputTokens!: number;
  @ApiProperty({ type: 'integer' })
  reasoningTokens!: number;
  /** Integer micro-USD of the calls whose price is known. */
  @ApiProperty({ type: 'integer' })
  costMicroUsd!: number;
  /** How many of the calls have no known price. */
  @ApiProperty({ type: 'integer' })
  unpricedCalls!: number;
}

export class UsageDto {
  @ApiProperty({ format: 'date' })
  from!: string;
  @ApiProperty({ format: 'date' })
  to!: string;
  @ApiProperty({ enum: USAGE_GROUPS })
  groupBy!: UsageGroup;
  /** The newest day of a list price that calls are priced with now; receipts keep the price that they were made with. */
  @ApiProperty({ type: String, format: 'date', nullable: true })
  pricesAsOf!: string | null;
  @ApiProperty({ type: () => [UsageRowDto] })
  data!: UsageRowDto[];
}
