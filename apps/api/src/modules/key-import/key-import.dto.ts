import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsObject } from 'class-validator';
import { Omittable } from '../../common/fields.js';
import { HintDto } from '../provider-keys/index.js';

export class ImportKeysDto {
  /** Records as the other system keeps them. Their secrets are write-only: no answer repeats them. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsObject({ each: true })
  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true }, writeOnly: true })
  records!: Record<string, unknown>[];
}

export class ImportKeysQuery {
  /** `true` judges every record and makes nothing. */
  @Omittable()
  @IsIn(['true', 'false'])
  @ApiPropertyOptional({ type: Boolean })
  preview?: 'true' | 'false';
}

export class ImportFaultDto {
  /** In the record in our words (RFC 6901). */
  pointer!: string;
  detail!: string;
}

export class ImportProblemDto {
  code!: string;
  detail!: string;
  @ApiProperty({ type: () => [ImportFaultDto] })
  errors!: ImportFaultDto[];
}

export class ImportedKeyDto {
  /** The record's place in `records`. */
  @ApiProperty({ type: 'integer' })
  index!: number;
  /** The new key; null in a preview and where there is a problem. */
  @ApiProperty({ type: String, nullable: true })
  id!: string | null;
  /** What the record was read as. */
  @ApiProperty({ type: String, nullable: true })
  name!: string | null;
  @ApiProperty({ type: String, nullable: true })
  provider!: string | null;
  /** Names of members that mean nothing here. */
  ignored!: string[];
  @ApiProperty({ type: () => [HintDto] })
  hints!: HintDto[];
  /** Why there is no such key; the other records stand on their own. */
  @ApiProperty({ type: () => ImportProblemDto, nullable: true })
  problem!: ImportProblemDto | null;
}

export class ImportedKeysDto {
  preview!: boolean;
  @ApiProperty({ type: () => [ImportedKeyDto] })
  data!: ImportedKeyDto[];
}
