import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsString, Max, MaxLength, Min } from 'class-validator';
import { PageQuery } from '#lib/http';
import { IsModelId, IsTime, Omittable } from '../../common/fields.js';

/** A million dollars for a million tokens: what is beyond it is a slip of the pen. */
const DEAREST = 1_000_000_000_000;

export class CreatePriceOverrideDto {
  /** A provider's slug. */
  @IsString()
  @MaxLength(64)
  provider!: string;

  /** As the vendor spells it. */
  @IsModelId()
  model!: string;

  /** Micro-USD for a million tokens. */
  @IsInt()
  @Min(0)
  @Max(DEAREST)
  @ApiProperty({ type: 'integer', minimum: 0 })
  inputMicroUsdPerMTok!: number;

  /** Reasoning included. */
  @IsInt()
  @Min(0)
  @Max(DEAREST)
  @ApiProperty({ type: 'integer', minimum: 0 })
  outputMicroUsdPerMTok!: number;

  /** Of input that the vendor had in its cache; the input's price unless told. */
  @Omittable()
  @IsInt()
  @Min(0)
  @Max(DEAREST)
  @ApiPropertyOptional({ type: 'integer', minimum: 0 })
  cachedInputMicroUsdPerMTok?: number;

  /** From when on it holds: now unless told, and never in the past, as receipts keep the price that they were made with. */
  @Omittable()
  @IsTime()
  @ApiPropertyOptional({ format: 'date-time' })
  effectiveFrom?: string;
}

export class ListPriceOverridesQuery extends PageQuery {}

export class PriceOverrideDto {
  id!: string;
  provider!: string;
  model!: string;
  @ApiProperty({ type: 'integer' })
  inputMicroUsdPerMTok!: number;
  @ApiProperty({ type: 'integer' })
  outputMicroUsdPerMTok!: number;
  @ApiProperty({ type: 'integer', nullable: true })
  cachedInputMicroUsdPerMTok!: number | null;
  @ApiProperty({ format: 'date-time' })
  effectiveFrom!: string;
  @ApiProperty({ format: 'date-time' })
  createdAt!: string;
}

export class PriceOverridePageDto {
  @ApiProperty({ type: () => [PriceOverrideDto] })
  data!: PriceOverrideDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
  hasMore!: boolean;
}
