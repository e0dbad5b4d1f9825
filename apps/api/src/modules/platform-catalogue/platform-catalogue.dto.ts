import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsInt, Max, Min, ValidateNested } from 'class-validator';
import { Omittable } from '../../common/fields.js';
import { CatalogueFileProviderDto } from './platform-providers.dto.js';

/** A catalogue file: all that the operator says of providers and models. */
export class ReplaceCatalogueDto {
  @IsArray()
  @ArrayMaxSize(200)
  @ValidateNested({ each: true })
  @Type(() => CatalogueFileProviderDto)
  providers!: CatalogueFileProviderDto[];
}

export class ReplaceCatalogueQuery {
  /** `true` judges the file and says what would change, and writes nothing. */
  @Omittable()
  @IsIn(['true', 'false'])
  @ApiPropertyOptional({ type: Boolean })
  preview?: 'true' | 'false';
}

export class RollBackCatalogueDto {
  /** The version whose content shall hold again: the one before, unless told; 0 is Claviger's own catalogue. */
  @Omittable()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  version?: number;
}
