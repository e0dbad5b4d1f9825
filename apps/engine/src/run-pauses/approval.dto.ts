import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsString, MaxLength, MinLength } from 'class-validator';
import { OptionalField } from '../agent-runs/fields.js';

export class ApprovalDto {
  /** true: the call is made, once. false: the model is told that it was rejected. */
  @ApiProperty({ type: Boolean })
  @IsBoolean()
  approve!: boolean;

  /** Why; the model reads it where the call is rejected. */
  @ApiPropertyOptional({ type: String })
  @OptionalField()
  @IsString()
  @MinLength(1)
  @MaxLength(2_000)
  reason?: string;
}
