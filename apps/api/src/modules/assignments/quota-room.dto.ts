import { ApiProperty } from '@nestjs/swagger';
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

/** What is left of one quota or budget in the window that is now. Its name and figures are null for whom it is not to be read by. */
export class QuotaRoomDto {
  quotaId!: string;
  @ApiProperty({ type: String, nullable: true })
  name!: string | null;
  @ApiProperty({ enum: QUOTA_SCOPES })
  scope!: QuotaScopeType;
  @ApiProperty({ type: String, nullable: true })
  scopeId!: string | null;
  @ApiProperty({ enum: QUOTA_METRICS })
  metric!: QuotaMetric;
  @ApiProperty({ enum: QUOTA_WINDOWS })
  window!: QuotaWindow;
  @ApiProperty({ enum: QUOTA_MODES })
  mode!: QuotaMode;
  @ApiProperty({ type: 'integer', nullable: true })
  max!: number | null;
  @ApiProperty({ type: 'integer', nullable: true })
  used!: number | null;
  /** What runs under way may use at most. */
  @ApiProperty({ type: 'integer', nullable: true })
  reserved!: number | null;
  @ApiProperty({ type: 'integer', nullable: true })
  left!: number | null;
  /** Whether anything is left. */
  hasRoom!: boolean;
  @ApiProperty({ format: 'date-time' })
  resetsAt!: string;
}
