import { ApiProperty } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';

export class DeleteOrgDto {
  /** The organization's slug, typed by whoever deletes it. */
  @IsString()
  @MaxLength(64)
  confirm!: string;
}

/** How many of each a deletion takes. */
export class OrgDeletionCountsDto {
  members!: number;
  workspaces!: number;
  aiProviders!: number;
  /** Places where a key is handed to a workspace: what stops working. */
  assignments!: number;
  secrets!: number;
  /** Sealed versions of secrets that are erased. */
  sealedVersions!: number;
  /** Tokens that still work. */
  tokens!: number;
  invites!: number;
  /** Runs under way, which end. */
  openRuns!: number;
}

export class OrgDeletionPreviewDto {
  orgId!: string;
  name!: string;
  /** To be sent as `confirm`. */
  slug!: string;
  counts!: OrgDeletionCountsDto;
  /** Days until the rows are purged; secrets are erased at once. */
  graceDays!: number;
}

export class DeletedOrgDto {
  orgId!: string;
  @ApiProperty({ format: 'date-time' })
  deletedAt!: string;
  /** From then on the worker purges the rows. */
  @ApiProperty({ format: 'date-time' })
  purgedAfter!: string;
}
