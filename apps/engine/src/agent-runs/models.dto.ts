import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ERROR_CODES,
  MODEL_LIFECYCLES,
  type AvailableModel,
  type Capability,
  type ErrorCode,
  type ListedAlias,
  type ModelCapabilities,
  type ModelLifecycle,
  type ModelPrice,
  type PriceFigures,
  type PriceTier,
  type UnavailableModel,
} from '#lib/contracts';

const CAPABILITY = { enum: ['yes', 'no', 'depends', 'unknown'] satisfies Capability[] };

export class ModelCapabilitiesResponse implements ModelCapabilities {
  @ApiProperty(CAPABILITY) tools!: Capability;
  @ApiProperty(CAPABILITY) streaming!: Capability;
  @ApiProperty(CAPABILITY) structuredOutput!: Capability;
  @ApiProperty(CAPABILITY) vision!: Capability;
}

/** Integer micro-USD per million tokens. */
class PriceFiguresResponse implements PriceFigures {
  @ApiProperty({ type: 'integer' }) inputMicroUsdPerMTok!: number;
  @ApiProperty({ type: 'integer' }) outputMicroUsdPerMTok!: number;
  @ApiProperty({ type: 'integer', nullable: true }) cachedInputMicroUsdPerMTok!: number | null;
}

/** What all tokens of a call cost whose input is longer than this. */
export class PriceTierResponse extends PriceFiguresResponse implements PriceTier {
  @ApiProperty({ type: 'integer' }) aboveInputTokens!: number;
}

export class ModelPriceResponse extends PriceFiguresResponse implements ModelPrice {
  @ApiPropertyOptional({ type: [PriceTierResponse] }) tiers?: PriceTierResponse[];
  @ApiProperty({ type: String, format: 'date' }) asOf!: string;
  @ApiPropertyOptional({ enum: ['catalogue', 'override'] }) source?: 'catalogue' | 'override';
}

export class AvailableModelResponse implements AvailableModel {
  @ApiProperty({ type: String }) id!: string;
  @ApiProperty({ type: String }) provider!: string;
  @ApiProperty({ type: [String] }) aiProviderIds!: string[];
  @ApiProperty({ type: String }) name!: string;
  @ApiProperty({ type: String, nullable: true }) bestFor!: string | null;
  @ApiProperty({ type: 'integer', nullable: true }) contextWindow!: number | null;
  @ApiProperty({ type: ModelCapabilitiesResponse }) capabilities!: ModelCapabilitiesResponse;
  @ApiProperty({ type: ModelPriceResponse, nullable: true }) price!: ModelPriceResponse | null;
  @ApiProperty({ enum: MODEL_LIFECYCLES }) lifecycle!: ModelLifecycle;
  @ApiProperty({ type: String, nullable: true }) replacement!: string | null;
}

export class UnavailableModelResponse implements UnavailableModel {
  @ApiProperty({ type: String }) id!: string;
  @ApiProperty({ type: String }) provider!: string;
  @ApiProperty({ enum: ERROR_CODES }) code!: ErrorCode;
  @ApiProperty({ type: String }) detail!: string;
}

/** What an alias of the organization stands for here now, or why for nothing. */
export class ListedAliasResponse implements ListedAlias {
  @ApiProperty({ type: String }) name!: string;
  @ApiProperty({ type: [String] }) models!: string[];
  @ApiProperty({ type: String, nullable: true }) model!: string | null;
  @ApiProperty({ type: String, nullable: true }) provider!: string | null;
  @ApiProperty({ enum: ERROR_CODES, nullable: true, type: String }) code!: ErrorCode | null;
  @ApiProperty({ type: String, nullable: true }) detail!: string | null;
}

export class ModelListResponse {
  @ApiProperty({ type: [AvailableModelResponse] }) data!: AvailableModelResponse[];
  @ApiProperty({ type: [UnavailableModelResponse] }) unavailable!: UnavailableModelResponse[];
  @ApiProperty({ type: [ListedAliasResponse] }) aliases!: ListedAliasResponse[];
}
