import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsString, Matches, ValidateNested } from 'class-validator';
import { IsModelList, IsReference, Omittable } from '../../common/fields.js';

const NAME = /^[a-z][a-z0-9._-]{0,62}$/;

export class ModelAliasInputDto {
  /** What callers send as `model`, e.g. fast. */
  @IsString()
  @Matches(NAME, {
    message: 'Give a name of small letters, digits, dots, hyphens and underscores, e.g. fast.',
  })
  name!: string;

  /** For one workspace (`ws_…`), where it wins over the organization's alias of this name; left out: for all. */
  @Omittable()
  @IsReference()
  workspaceId?: string;

  /** Model ids or `@slug/model`, in order of preference: the first one that a workspace may use is meant. */
  @IsModelList()
  @ArrayMinSize(1, { message: 'Name at least one model.' })
  @ArrayMaxSize(20)
  models!: string[];
}

export class ReplaceModelAliasesDto {
  @IsArray()
  @ArrayMaxSize(200)
  @ValidateNested({ each: true })
  @Type(() => ModelAliasInputDto)
  aliases!: ModelAliasInputDto[];
}

export class ModelAliasDto {
  name!: string;
  @ApiProperty({ type: String, nullable: true })
  workspaceId!: string | null;
  models!: string[];
}

export class ModelAliasListDto {
  @ApiProperty({ type: () => [ModelAliasDto] })
  data!: ModelAliasDto[];
}
