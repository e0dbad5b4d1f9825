import { ApiProperty } from '@nestjs/swagger';
import {
  ERROR_CODES,
  type AvailableModel,
  type Capability,
  type ErrorCode,
  type ModelCapabilities,
  type ModelLifecycle,
  type ModelPrice,
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
export class ModelPriceResponse implements ModelPrice {
  @ApiProperty({ type: 'integer' }) inputMicroUsdPerMTok!: number;
  @ApiProperty({ type: 'integer' }) outputMicroUsdPerMTok!: number;
  @ApiProperty({ type: 'integer', nullable: true }) cachedInputMicroUsdPerMTok!: number | null;
  @ApiProperty({ type: String, format: 'date' }) asOf!: string;
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
  @ApiProperty({ enum: ['active', 'preview', 'legacy', 'deprecated'] }) lifecycle!: ModelLifecycle;
}

export class UnavailableModelResponse implements UnavailableModel {
  @ApiProperty({ type: String }) id!: string;
  @ApiProperty({ type: String }) provider!: string;
  @ApiProperty({ enum: ERROR_CODES }) code!: ErrorCode;
  @ApiProperty({ type: String }) detail!: string;
}

export class ModelListResponse {
  @ApiProperty({ type: [AvailableModelResponse] }) data!: AvailableModelResponse[];
  @ApiProperty({ type: [UnavailableModelResponse] }) unavailable!: UnavailableModelResponse[];
}
