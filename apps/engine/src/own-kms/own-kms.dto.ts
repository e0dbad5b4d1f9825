import { ApiProperty } from '@nestjs/swagger';

export class OwnKmsCheckResponse {
  @ApiProperty({ type: Boolean }) ok!: boolean;
  @ApiProperty({ type: String, required: false }) said?: string;
}
