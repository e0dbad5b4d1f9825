import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayUnique, IsArray, IsIn, IsInt, Max, Min, ValidateNested } from 'class-validator';
import {
  QUOTA_METRICS,
  QUOTA_MODES,
  QUOTA_SCOPES,
  QUOTA_WINDOWS,
  type QuotaMetric,
  type QuotaMode,
  type QuotaScopeType,
  type QuotaWindow,
} from '#lib/contracts';
import { PageQuery } from '#lib/http';
import { IsName, IsReference, Omittable } from '../../common/fields.js';

/** What a quota covers. A call counts against every quota that covers it. */
export class QuotaScopeDto {
  @IsIn(QUOTA_SCOPES)
  @ApiProperty({ enum: QUOTA_SCOPES })
  type!: QuotaScopeType;

  /** `ws_…`, `tok_…` or `aip_…`; none for the whole organization. */
  @Omittable()
  @IsReference()
  id?: string;
}

export class CreateQuotaDto {
  @IsName()
  name!: string;

  @ValidateNested()
  @Type(() => QuotaScopeDto)
  scope!: QuotaScopeDto;

  /** cost_micro_usd makes it a budget, in millionths of a dollar. */
  @IsIn(QUOTA_METRICS)
  @ApiProperty({ enum: QUOTA_METRICS })
  metric!: QuotaMetric;

  /** Of the calendar, in UTC. */
  @IsIn(QUOTA_WINDOWS)
  @ApiProperty({ enum: QUOTA_WINDOWS })
  window!: QuotaWindow;

  @IsInt()
  @Min(0)
  @Max(1_000_000_000_000_000)
  @ApiProperty({ type: 'integer', minimum: 0 })
  max!: number;

  /** enforce unless told: calls that do not fit are refused. monitor: they are counted and told of. */
  @Omittable()
  @IsIn(QUOTA_MODES)
  @ApiPropertyOptional({ enum: QUOTA_MODES })
  mode?: QuotaMode;

  /** At how many per cent OWNERs and ADMINs are told; 50, 80 and 100 unless told. */
  @Omittable()
  @IsThresholds()
  @ApiPropertyOptional({ type: 'array', items: { type: 'integer', minimum: 1, maximum: 100 } })
  thresholds?: number[];
}

export class UpdateQuotaDto {
  @Omittable()
  @IsName()
  name?: string;

  @Omittable()
  @IsInt()
  @Min(0)
  @Max(1_000_000_000_000_000)
  @ApiPropertyOptional({ type: 'integer', minimum: 0 })
  max?: number;

  @Omittable()
  @IsIn(QUOTA_MODES)
  @ApiPropertyOptional({ enum: QUOTA_MODES })
  mode?: QuotaMode;

  /** All of them: what is not listed is taken away. */
  @Omittable()
  @IsThresholds()
  @ApiPropertyOptional({ type: 'array', items: { type: 'integer', minimum: 1, maximum: 100 } })
  thresholds?: number[];
}

export class ListQuotasQuery extends PageQuery {
  /** cost_micro_usd: the budgets only. */
  @Omittable()
  @IsIn(QUOTA_METRICS)
  @ApiPropertyOptional({ enum: QUOTA_METRICS })
  metric?: QuotaMetric;
}

export class QuotaDto {
  id!: string;
  orgId!: string;
  name!: string;
  @ApiProperty({ type: () => QuotaScopeDto })
  scope!: QuotaScopeDto;
  @ApiProperty({ enum: QUOTA_METRICS })
  metric!: QuotaMetric;
  @ApiProperty({ enum: QUOTA_WINDOWS })
  window!: QuotaWindow;
  @ApiProperty({ type: 'integer' })
  max!: number;
  @ApiProperty({ enum: QUOTA_MODES })
  mode!: QuotaMode;
  @ApiProperty({ type: 'array', items: { type: 'integer' } })
  thresholds!: number[];
  /** Goes up with every change. */
  @ApiProperty({ type: 'integer' })
  version!: number;
  /** In the window that is now, by runs that are over. */
  @ApiProperty({ type: 'integer' })
  used!: number;
  /** What runs under way may use at most. */
  @ApiProperty({ type: 'integer' })
  reserved!: number;
  /** The start of the next window. */
  @ApiProperty({ format: 'date-time' })
  resetsAt!: string;
  @ApiProperty({ format: 'date-time' })
  createdAt!: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt!: string;
}

export class QuotaPageDto {
  @ApiProperty({ type: () => [QuotaDto] })
  data!: QuotaDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
  hasMore!: boolean;
}

function IsThresholds(): PropertyDecorator {
  return (target, name) => {
    for (const rule of [
      IsArray(),
      ArrayMaxSize(10),
      ArrayUnique(),
      IsInt({ each: true }),
      Min(1, { each: true }),
      Max(100, { each: true }),
    ])
      rule(target, name);
  };
}
