import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';
import {
  MODEL_LIFECYCLES,
  PROVIDER_KEY_STATUSES,
  WIRE_PROTOCOLS,
  type Capability,
  type ModelLifecycle,
  type ProviderKeyStatus,
  type WireProtocol,
} from '#lib/contracts';

const CAPABILITIES = ['yes', 'no', 'depends', 'unknown'];

export class GateProviderDto {
  /** false: every call and every test with a key of this provider is refused, whatever is assigned. */
  @IsBoolean()
  enabled!: boolean;
}

export class CredentialFieldDto {
  /** Where it is sent: `secret`, `secondSecret`, or a member of the JSON that `secret` holds. */
  name!: string;
  label!: string;
  required!: boolean;
}

export class CredentialShapeDto {
  @ApiProperty({ enum: ['key', 'key_and_second', 'iam_or_bearer', 'service_account_or_key', 'optional_key'] })
  kind!: string;
  required!: boolean;
  @ApiProperty({ type: String, nullable: true })
  header!: string | null;
  @ApiProperty({ type: () => [CredentialFieldDto] })
  fields!: CredentialFieldDto[];
}

export class ProviderDto {
  slug!: string;
  name!: string;
  @ApiProperty({ enum: WIRE_PROTOCOLS })
  protocol!: WireProtocol;
  /** The protocols that a key's `config.protocol` may choose from; empty where it is fixed. */
  @ApiProperty({ enum: WIRE_PROTOCOLS, isArray: true })
  protocolChoices!: WireProtocol[];
  /** The operator's gate over all organizations: only the operator can open it again. */
  platformEnabled!: boolean;
  /** Whether the operator of this installation made this record. */
  isOperatorMade!: boolean;
  /** The organization's gate. */
  orgEnabled!: boolean;
  /** disabled when the gate is off, else the status of its best key. */
  @ApiProperty({ enum: PROVIDER_KEY_STATUSES })
  status!: ProviderKeyStatus;
  @ApiProperty({ type: String, nullable: true })
  defaultModel!: string | null;
  /** Models of surfaces that differ from the default, by surface. */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  surfaces!: Record<string, string>;
  @ApiProperty({ enum: CAPABILITIES })
  supportsTools!: Capability;
  supportsStreaming!: boolean;
  @ApiProperty({ type: () => CredentialShapeDto })
  credential!: CredentialShapeDto;
  @ApiProperty({ type: String, nullable: true })
  baseUrl!: string | null;
  acceptsBaseUrl!: boolean;
  /** Whether a key without a base URL can't be saved. */
  requiresBaseUrl!: boolean;
  /** Where an owner gets a key. */
  @ApiProperty({ type: String, nullable: true })
  consoleUrl!: string | null;
}

export class ProviderListDto {
  @ApiProperty({ type: () => [ProviderDto] })
  data!: ProviderDto[];
}

export class ModelCapabilitiesDto {
  @ApiProperty({ enum: CAPABILITIES })
  tools!: Capability;
  @ApiProperty({ enum: CAPABILITIES })
  streaming!: Capability;
  @ApiProperty({ enum: CAPABILITIES })
  structuredOutput!: Capability;
  @ApiProperty({ enum: CAPABILITIES })
  vision!: Capability;
}

/** Integer micro-USD per million tokens. */
class PriceFiguresDto {
  @ApiProperty({ type: 'integer' })
  inputMicroUsdPerMTok!: number;
  @ApiProperty({ type: 'integer' })
  outputMicroUsdPerMTok!: number;
  @ApiProperty({ type: 'integer', nullable: true })
  cachedInputMicroUsdPerMTok!: number | null;
}

/** What all tokens of a call cost whose input is longer than this. */
export class PriceTierDto extends PriceFiguresDto {
  @ApiProperty({ type: 'integer' })
  aboveInputTokens!: number;
}

export class ModelPriceDto extends PriceFiguresDto {
  /** For long prompts; of those that apply the one with the highest bound holds. */
  @ApiPropertyOptional({ type: () => [PriceTierDto] })
  tiers?: PriceTierDto[];
  /** The day that these figures were taken from their source. */
  @ApiProperty({ format: 'date' })
  asOf!: string;
  /** `override`: the organization's own price book. */
  @ApiPropertyOptional({ enum: ['catalogue', 'override'] })
  source?: 'catalogue' | 'override';
}

export class ModelDto {
  id!: string;
  provider!: string;
  name!: string;
  @ApiProperty({ type: String, nullable: true })
  bestFor!: string | null;
  /** In tokens. */
  @ApiProperty({ type: 'integer', nullable: true })
  contextWindow!: number | null;
  @ApiProperty({ type: () => ModelCapabilitiesDto })
  capabilities!: ModelCapabilitiesDto;
  @ApiProperty({ type: () => ModelPriceDto, nullable: true })
  price!: ModelPriceDto | null;
  @ApiProperty({ enum: MODEL_LIFECYCLES })
  lifecycle!: ModelLifecycle;
  /** The model to move to; deprecated and retired ones have one. */
  @ApiProperty({ type: String, nullable: true })
  replacement!: string | null;
}

export class CatalogueModelListDto {
  @ApiProperty({ type: () => [ModelDto] })
  data!: ModelDto[];
}
