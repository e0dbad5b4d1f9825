import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsObject,
  IsString,
  Length,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { WIRE_PROTOCOLS, type Capability, type WireProtocol } from '#lib/contracts';
import { IsModelId, IsName, Omittable } from '../../common/fields.js';
import { CAPABILITIES, ModelInputDto } from './platform-models.dto.js';
import { IsSurfaces } from './surfaces.js';

const KINDS = ['key', 'key_and_second', 'iam_or_bearer', 'service_account_or_key', 'optional_key'] as const;
const CLEARABLE = [
  ...['name', 'baseUrl', 'acceptsBaseUrl', 'credential', 'defaultModel', 'surfaces', 'supportsTools'],
  ...['supportsStreaming', 'openModels', 'keyPrefixes', 'consoleUrl', 'enabled', 'models'],
] as const;
export type ClearableMember = (typeof CLEARABLE)[number];

export class CredentialInputDto {
  @IsIn(KINDS)
  @ApiPropertyOptional({ enum: KINDS })
  kind!: (typeof KINDS)[number];

  /** The header that carries the key; the wire's own unless told. */
  @Omittable()
  @IsString()
  @Length(1, 64)
  header?: string;
}

/** What an operator says of a provider; what is left out stays as it is, or as Claviger ships it. */
export class ProviderSettingsDto {
  @Omittable()
  @IsName()
  name?: string;

  /** The wire that it speaks; only for an operator's own record. */
  @Omittable()
  @IsIn(WIRE_PROTOCOLS)
  @ApiPropertyOptional({ enum: WIRE_PROTOCOLS })
  protocol?: WireProtocol;

  /** With the version path, e.g. https://api.example.com/v1. */
  @Omittable()
  @IsString()
  @Length(1, 2048)
  baseUrl?: string;

  /** Whether keys may bring a base URL of their own. */
  @Omittable()
  @IsBoolean()
  acceptsBaseUrl?: boolean;

  @Omittable()
  @ValidateNested()
  @Type(() => CredentialInputDto)
  credential?: CredentialInputDto;

  @Omittable()
  @IsModelId()
  defaultModel?: string;

  /** Models of surfaces that differ from the default, by surface. */
  @Omittable()
  @IsObject()
  @IsSurfaces()
  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' } })
  surfaces?: Record<string, string>;

  @Omittable()
  @IsIn(CAPABILITIES)
  @ApiPropertyOptional({ enum: CAPABILITIES })
  supportsTools?: Capability;

  @Omittable()
  @IsBoolean()
  supportsStreaming?: boolean;

  /** Whether models that are not listed are accepted, too. */
  @Omittable()
  @IsBoolean()
  openModels?: boolean;

  /** Beginnings that the vendor's keys have, for hints. */
  @Omittable()
  @IsArray()
  @ArrayMaxSize(10)
  @IsString({ each: true })
  @Length(2, 20, { each: true })
  keyPrefixes?: string[];

  /** Where an owner gets a key. */
  @Omittable()
  @IsString()
  @MaxLength(500)
  consoleUrl?: string;

  /** false: no organization's call or test reaches it (403 `provider_disabled`). */
  @Omittable()
  @IsBoolean()
  enabled?: boolean;

  /** All that you say of its models: a list replaces the one before. */
  @Omittable()
  @IsArray()
  @ArrayMaxSize(1_000)
  @ValidateNested({ each: true })
  @Type(() => ModelInputDto)
  models?: ModelInputDto[];
}

export class PutPlatformProviderDto extends ProviderSettingsDto {
  /** Members to give back to what Claviger ships. */
  @Omittable()
  @IsArray()
  @IsIn(CLEARABLE, { each: true })
  @ApiPropertyOptional({ enum: CLEARABLE, isArray: true })
  clear?: ClearableMember[];
}

export class CatalogueFileProviderDto extends ProviderSettingsDto {
  @IsString()
  @Length(1, 64)
  slug!: string;
}
