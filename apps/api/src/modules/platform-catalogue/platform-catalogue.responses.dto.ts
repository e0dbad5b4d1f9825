import { ApiProperty } from '@nestjs/swagger';
import type { EditChanges, ProviderEdit } from '#lib/catalog';
import { WIRE_PROTOCOLS, type Capability, type WireProtocol } from '#lib/contracts';
import { CredentialShapeDto, ModelDto } from '../catalog/index.js';
import { CAPABILITIES } from './platform-models.dto.js';
import { CatalogueFileProviderDto } from './platform-providers.dto.js';

export class PlatformProviderDto {
  slug!: string;
  name!: string;
  @ApiProperty({ enum: WIRE_PROTOCOLS })
  protocol!: WireProtocol;
  @ApiProperty({ enum: WIRE_PROTOCOLS, isArray: true })
  protocolChoices!: WireProtocol[];
  @ApiProperty({ type: String, nullable: true })
  baseUrl!: string | null;
  acceptsBaseUrl!: boolean;
  @ApiProperty({ type: () => CredentialShapeDto })
  credential!: CredentialShapeDto;
  @ApiProperty({ type: String, nullable: true })
  defaultModel!: string | null;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  surfaces!: Record<string, string>;
  @ApiProperty({ enum: CAPABILITIES })
  supportsTools!: Capability;
  supportsStreaming!: boolean;
  openModels!: boolean;
  keyPrefixes!: string[];
  @ApiProperty({ type: String, nullable: true })
  consoleUrl!: string | null;
  enabled!: boolean;
  /** false for Claviger's own records, changed or not. */
  isOperatorMade!: boolean;
  /** Whether the operator says anything of it. */
  isChanged!: boolean;
  @ApiProperty({ type: () => [ModelDto] })
  models!: ModelDto[];
}

export class PlatformProviderListDto {
  @ApiProperty({ type: () => [PlatformProviderDto] })
  data!: PlatformProviderDto[];
}

/** What the operator says, as `PUT` takes it, with the version that it is of. */
export class CatalogueFileDto {
  @ApiProperty({ type: 'integer' })
  version!: number;
  @ApiProperty({ type: () => [CatalogueFileProviderDto] })
  providers!: ProviderEdit[];
}

/** What a change comes to, by slug and `slug/model`. */
export class CatalogueChangeDto implements EditChanges {
  added!: string[];
  changed!: string[];
  removed!: string[];
}

export class EditedCatalogueDto extends CatalogueChangeDto {
  @ApiProperty({ type: 'integer' })
  version!: number;
  /** Whether this only says what would change. */
  preview!: boolean;
}

export class CatalogueVersionDto {
  @ApiProperty({ type: 'integer' })
  version!: number;
  action!: string;
  @ApiProperty({ type: () => CatalogueChangeDto })
  change!: CatalogueChangeDto;
  actor!: string;
  requestId!: string;
  @ApiProperty({ type: String, nullable: true })
  ip!: string | null;
  @ApiProperty({ format: 'date-time' })
  createdAt!: string;
}

export class CatalogueVersionListDto {
  @ApiProperty({ type: () => [CatalogueVersionDto] })
  data!: CatalogueVersionDto[];
}
