import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, Matches } from 'class-validator';
import { IsReference, Omittable } from '../../common/fields.js';
import { USAGE_GROUPS, USAGE_INTERVALS, type UsageGroup, type UsageInterval } from './usage.js';

const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}Z)?$/;
const TIME_MESSAGE = 'Write a day as YYYY-MM-DD, or a minute as YYYY-MM-DDTHH:MMZ.';

export class UsageQuery {
  /** What is added up: days, unless told. Minutes are kept for as long as the operator says. */
  @Omittable()
  @IsIn(USAGE_INTERVALS)
  @ApiPropertyOptional({ enum: USAGE_INTERVALS })
  interval?: UsageInterval;

  /** First day, or first minute as YYYY-MM-DDTHH:MMZ (UTC); 29 days or 59 minutes before `to` unless told. */
  @Omittable()
  @Matches(TIME, { message: TIME_MESSAGE })
  @ApiPropertyOptional({ type: String })
  from?: string;

  /** Last day or minute (UTC); this one unless told. */
  @Omittable()
  @Matches(TIME, { message: TIME_MESSAGE })
  @ApiPropertyOptional({ type: String })
  to?: string;

  /** What to add up by, beside the time. */
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
  /** The minute as YYYY-MM-DDTHH:MMZ; null where days are added up. */
  @ApiProperty({ type: String, nullable: true })
  minute!: string | null;
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
  /** A day, or a minute where minutes are added up. */
  @ApiProperty()
  from!: string;
  @ApiProperty()
  to!: string;
  @ApiProperty({ enum: USAGE_INTERVALS })
  interval!: UsageInterval;
  @ApiProperty({ enum: USAGE_GROUPS })
  groupBy!: UsageGroup;
  /** The newest day of a list price that calls are priced with now; receipts keep the price that they were made with. */
  @ApiProperty({ type: String, format: 'date', nullable: true })
  pricesAsOf!: string | null;
  @ApiProperty({ type: () => [UsageRowDto] })
  data!: UsageRowDto[];
}
