import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsDefined,
  IsString,
  MaxLength,
  MinLength,
  ValidateNested,
} from 'class-validator';

export class ToolOutputDto {
  @ApiProperty({ type: String })
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  toolCallId!: string;

  /** What the tool gave: any JSON value but null. */
  @ApiProperty({
    oneOf: [
      ...[{ type: 'string' }, { type: 'number' }, { type: 'boolean' }],
      ...[{ type: 'array' }, { type: 'object', additionalProperties: true }],
    ],
  })
  @IsDefined()
  output!: unknown;
}

export class ToolOutputsDto {
  /** One for each call that the run waits for. */
  @ApiProperty({ type: [ToolOutputDto] })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(128)
  @ValidateNested({ each: true })
  @Type(() => ToolOutputDto)
  outputs!: ToolOutputDto[];
}
