import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsString,
  Length,
  Matches,
  MaxLength,
  ValidateBy,
} from 'class-validator';
import { PageQuery } from '#lib/http';
import { IsName, Omittable } from '../../common/fields.js';

const UNSENDABLE =
  'No request header can carry this secret: it has control characters, or letters that no key has. Copy it again at the vendor.';

/**
 * A secret as entered: 1 to 16,384 characters that a header can carry, at least one of them visible. Blanks and line breaks
 * around it are pasted along often and fall off when it is sent: they are a hint, no fault.
 */
export function IsSecretText(): PropertyDecorator {
  return applyDecorators(
    IsString(),
    Length(1, 16_384, { message: 'Enter a secret of 1 to 16384 characters.' }),
    Matches(/\S/, { message: 'The secret is empty: enter the key that the vendor gave you.' }),
    Matches(/^[\t\n\r\x20-\x7e\xa1-\xff]*$/, { message: UNSENDABLE }),
    ValidateBy({
      name: 'oneLine',
      validator: {
        validate: (value: unknown) => typeof value !== 'string' || !/[\n\r]/.test(value.trim()),
        defaultMessage: () => 'The secret has a line break in it: paste it as one line.',
      },
    }),
  );
}

/**
 * The secret of a provider key: one string, or the JSON object that some vendors hand out (an IAM pair, a service account's key
 * file), as an object or as its text however it is laid out. From here on it is one line of text.
 */
export function IsCredential(): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) =>
      isObject(value) ? JSON.stringify(value) : onOneLine(value),
    ),
    IsSecretText(),
  );
}

/** How a credential stands in the API document; secrets are never answered. */
export const CREDENTIAL_SCHEMA = {
  writeOnly: true,
  oneOf: [{ type: 'string' as const }, { type: 'object' as const, additionalProperties: true }],
};

function onOneLine(value: unknown): unknown {
  if (typeof value !== 'string' || !value.trimStart().startsWith('{')) return value;
  try {
    return JSON.stringify(JSON.parse(value));
  } catch {
    return value;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export class CreateSecretDto {
  @IsName()
  name!: string;

  @IsCredential()
  @ApiProperty(CREDENTIAL_SCHEMA)
  secret!: string;

  @Omittable()
  @IsSecretText()
  @ApiPropertyOptional({ writeOnly: true })
  secondSecret?: string;

  /** Where the secret may be sent, e.g. `https://api.openai.com`. It is sealed into it: changing it needs the secret again. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(20)
  @IsString({ each: true })
  @MaxLength(300, { each: true })
  origins!: string[];

  /** Whether tools of agent runs may name it in their headers: `{{secret:name}}`. Cannot be said later, and no key may be linked to it. */
  @Omittable()
  @IsBoolean()
  tools?: boolean;
}

export class RotateSecretDto {
  @IsCredential()
  @ApiProperty(CREDENTIAL_SCHEMA)
  secret!: string;

  @Omittable()
  @IsSecretText()
  @ApiPropertyOptional({ writeOnly: true })
  secondSecret?: string;
}

export class ListSecretsQuery extends PageQuery {}

/** A secret as everybody sees it: there is no field that could hold its value. */
export class SecretDto {
  id!: string;
  orgId!: string;
  name!: string;
  purpose!: string;
  mask!: string;
  hasValue!: boolean;
  /** `scheme://host:port` of every place that it may be sent to. */
  origins!: string[];
  version!: number;
  /** The key that it was entered with, which deletes it with itself; null when it stands alone. */
  @ApiProperty({ type: String, nullable: true })
  ownerKeyId!: string | null;
  /** The MCP server that it was entered with, which deletes it with itself. */
  @ApiProperty({ type: String, nullable: true })
  ownerServerId!: string | null;
  /** Whether tools may name it in their headers. */
  tools!: boolean;
  @ApiProperty({ format: 'date-time' })
  createdAt!: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt!: string;
}

export class SecretPageDto {
  data!: SecretDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
  hasMore!: boolean;
}
