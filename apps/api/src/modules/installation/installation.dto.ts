import { ApiProperty } from '@nestjs/swagger';

/** What everybody should know of this installation. */
export class InstallationDto {
  /** The database is an old copy that no operator has acknowledged: no call is sent, and nothing but revocations is written. */
  restored!: boolean;
  /** What that means and who has to do what; null while all is well. */
  @ApiProperty({ type: String, nullable: true })
  detail!: string | null;
}
