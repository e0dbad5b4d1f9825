import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsString,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { MODEL_LIFECYCLES, type Capability, type ModelLifecycle } from '#lib/contracts';
import { IsModelId, IsName, Omittable } from '../../common/fields.js';

export const CAPABILITIES = ['yes', 'no', 'depends', 'unknown'] as const;
/** A thousand dollars a token: beyond it is a slip of the units. */
const MOST_MICRO_USD = 1_000_000_000_000_000;
const MOST_TOKENS = 1_000_000_000;

export class CapabilitiesInputDto {
  @Omittable()
  @IsIn(CAPABILITIES)
  @ApiPropertyOptional({ enum: CAPABILITIES })
  tools?: Capability;

  @Omittable()
  @IsIn(CAPABILITIES)
  @ApiPropertyOptional({ enum: CAPABILITIES })
  streaming?: Capability;

  @Omittable()
  @IsIn(CAPABILITIES)
  @ApiPropertyOptional({ enum: CAPABILITIES })
  structuredOutput?: Capability;

  @Omittable()
  @IsIn(CAPABILITIES)
  @ApiPropertyOptional({ enum: CAPABILITIES })
  vision?: Capability;
}

/** Integer micro-USD per million tokens. */
class PriceFiguresInputDto {
  @IsInt()
  @Min(0)
  @Max(MOST_MICRO_USD)
  inputMicroUsdPerMTok!: number;

  @IsInt()
  @Min(0)
  @Max(MOST_MICRO_USD)
  outputMicroUsdPerMTok!: number;

  /** Left out: cached input costs what other input does. */
  @Omittable()
  @IsInt()
  @Min(0)
  @Max(MOST_MICRO_USD)
  cachedInputMicroUsdPerMTok?: number;
}

/** What all tokens of a call cost whose input is longer than this. */
export class PriceTierInputDto extends PriceFiguresInputDto {
  @IsInt()
  @Min(1)
  @Max(MOST_TOKENS)
  aboveInputTokens!: number;
}

export class PriceInputDto extends PriceFiguresInputDto {
  /** For long prompts; of those that apply the one with the highest bound holds. */
  @Omittable()
  @IsArray()
  @ArrayMaxSize(10)
  @ValidateNested({ each: true })
  @Type(() => PriceTierInputDto)
  tiers?: PriceTierInputDto[];

  /** The day that the price is from (YYYY-MM-DD). */
  @IsString()
  @Length(10, 10)
  @ApiProperty({ format: 'date' })
  asOf!: string;
}

/** A model; what is left out stays as Claviger ships it, or unknown. */
export class ModelInputDto {
  @IsModelId()
  id!: string;

  @Omittable()
  @IsName()
  name?: string;

  @Omittable()
  @IsString()
  @Length(1, 200)
  bestFor?: string;

  /** In tokens. */
  @Omittable()
  @IsInt()
  @Min(1)
  @Max(MOST_TOKENS)
  contextWindow?: number;

  @Omittable()
  @ValidateNested()
  @Type(() => CapabilitiesInputDto)
  capabilities?: CapabilitiesInputDto;

  @Omittable()
  @ValidateNested()
  @Type(() => PriceInputDto)
  price?: PriceInputDto;

  /** `deprecated` and `retired` want a `replacement`; `retired` is refused by name. */
  @Omittable()
  @IsIn(MODEL_LIFECYCLES)
  @ApiPropertyOptional({ enum: MODEL_LIFECYCLES })
  lifecycle?: ModelLifecycle;

  @Omittable()
  @IsModelId()
  replacement?: string;
}
