import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsObject,
  IsString,
  Length,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { PROVIDER_KEY_STATUSES, type ProviderKeyStatus } from '#lib/contracts';
import { PageQuery } from '#lib/http';
import { IsModelId, IsModelList, IsName, IsReference, IsTime, Omittable } from '../../common/fields.js';
import { KeyLimitsDto } from '../../common/rate-limits.dto.js';
import { CREDENTIAL_SCHEMA, IsCredential, IsSecretText } from '../secrets/index.js';
import { CLEARABLE_FIELDS, type ClearableField } from './provider-key.js';

/** The settings that creating and updating share. Secrets are write-only: no answer repeats them. */
class ProviderKeySettingsDto {
  /** The API key, bearer token, or credential JSON, as the vendor gave it. */
  @Omittable()
  @IsCredential()
  @ApiPropertyOptional(CREDENTIAL_SCHEMA)
  secret?: string;

  /** The second secret of a gateway or custom provider. */
  @Omittable()
  @IsSecretText()
  @ApiPropertyOptional({ writeOnly: true })
  secondSecret?: string;

  /** Links a secret of the secret store (`sec_…`) in place of `secret`. */
  @Omittable()
  @IsReference()
  secretId?: string;

  /** Where calls go, in place of the provider's own address. */
  @Omittable()
  @IsString()
  @Length(1, 2048)
  baseUrl?: string;

  @Omittable()
  @IsModelId()
  defaultModel?: string;

  /** The curated list: the only models that this key may be used for. Empty: every model. */
  @Omittable()
  @IsModelList()
  models?: string[];

  /** Settings that only some providers have (`protocol`, `secondSecretHeader`, …). */
  @Omittable()
  @IsObject()
  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  config?: Record<string, unknown>;

  /** From when on the key is refused (RFC 3339). */
  @Omittable()
  @IsTime()
  expiresAt?: string;

  @Omittable()
  @ValidateNested()
  @Type(() => KeyLimitsDto)
  limits?: KeyLimitsDto;
}

export class CreateProviderKeyDto extends ProviderKeySettingsDto {
  /** Unique in the organization. */
  @IsName()
  name!: string;

  /** A provider's slug, or another system's type name (OPENAI, GOOGLE, ANTHROPIC, AWS, OTHER). */
  @IsString()
  @MaxLength(64)
  provider!: string;
}

export class UpdateProviderKeyDto extends ProviderKeySettingsDto {
  @Omittable()
  @IsName()
  name?: string;

  /** false refuses every call with this key without deleting it. */
  @Omittable()
  @IsBoolean()
  enabled?: boolean;

  /** Fields to remove; a field that is neither sent nor named here keeps its value. */
  @Omittable()
  @IsArray()
  @IsIn(CLEARABLE_FIELDS, { each: true })
  @ApiPropertyOptional({ enum: CLEARABLE_FIELDS, isArray: true })
  clear?: ClearableField[];
}

export class RotateProviderKeyDto {
  @IsCredential()
  @ApiProperty(CREDENTIAL_SCHEMA)
  secret!: string;

  @Omittable()
  @IsSecretText()
  @ApiPropertyOptional({ writeOnly: true })
  secondSecret?: string;
}

export class ListProviderKeysQuery extends PageQuery {
  /** Only keys of this provider. */
  @Omittable()
  @IsString()
  @MaxLength(64)
  provider?: string;

  /** Only keys with this status. */
  @Omittable()
  @IsIn(PROVIDER_KEY_STATUSES)
  @ApiPropertyOptional({ enum: PROVIDER_KEY_STATUSES })
  status?: ProviderKeyStatus;

  /** Only keys whose name holds this text, whatever its case. */
  @Omittable()
  @IsString()
  @MaxLength(120)
  name?: string;

  /** Only keys that are assigned to this workspace. */
  @Omittable()
  @IsReference()
  workspaceId?: string;
}

export class DeleteProviderKeyQuery {
  /** `true` deletes the key though workspaces use it. */
  @Omittable()
  @IsIn(['true', 'false'])
  @ApiPropertyOptional({ type: Boolean })
  force?: 'true' | 'false';
}
