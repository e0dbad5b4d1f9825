import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsArray, IsBoolean, IsIn, IsString, Matches, MaxLength } from 'class-validator';
import { PageQuery } from '#lib/http';
import { IsName, Omittable } from '../../common/fields.js';

const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?$/;
const SLUG_MESSAGE =
  'Give a slug of 1 to 60 lower-case letters, digits and dashes, with no dash at either end.';

export class CreateWorkspaceDto {
  @IsName()
  name!: string;

  /** Unique in the organization; made of the name when left out. */
  @Omittable()
  @Matches(SLUG, { message: SLUG_MESSAGE })
  slug?: string;

  /** The provider to use where a call names neither model nor provider. */
  @Omittable()
  @IsString()
  @MaxLength(64)
  defaultProvider?: string;
}

export class UpdateWorkspaceDto {
  @Omittable()
  @IsName()
  name?: string;

  @Omittable()
  @Matches(SLUG, { message: SLUG_MESSAGE })
  slug?: string;

  @Omittable()
  @IsString()
  @MaxLength(64)
  defaultProvider?: string;

  /** true makes it the organization's default workspace in place of the one that is. */
  @Omittable()
  @IsIn([true])
  @ApiPropertyOptional({ enum: [true], type: Boolean })
  isDefault?: true;

  /** Fields to remove; a field that is neither sent nor named here keeps its value. */
  @Omittable()
  @IsArray()
  @IsIn(['defaultProvider'], { each: true })
  @ApiPropertyOptional({ enum: ['defaultProvider'], isArray: true })
  clear?: 'defaultProvider'[];
}

/** What a member may do in a workspace beyond seeing it. What is left out they may not (PRODUCT #3). */
export class GrantDto {
  @Omittable()
  @IsBoolean()
  @ApiPropertyOptional({ default: false })
  canEdit?: boolean;

  @Omittable()
  @IsBoolean()
  @ApiPropertyOptional({ default: false })
  canDelete?: boolean;

  @Omittable()
  @IsBoolean()
  @ApiPropertyOptional({ default: false })
  canExecute?: boolean;
}

export class ListWorkspacesQuery extends PageQuery {}
export class ListWorkspaceMembersQuery extends PageQuery {}

export class WorkspaceGrantDto {
  canEdit!: boolean;
  canDelete!: boolean;
  canExecute!: boolean;
}

export class WorkspaceDto {
  id!: string;
  orgId!: string;
  name!: string;
  slug!: string;
  isDefault!: boolean;
  @ApiProperty({ type: String, nullable: true })
  defaultProvider!: string | null;
  /** What the caller may do in it. */
  @ApiProperty({ type: () => WorkspaceGrantDto })
  grant!: WorkspaceGrantDto;
  /** How many provider keys are assigned to it. */
  @ApiProperty({ type: 'integer' })
  keyCount!: number;
  /** How many members joined it, beside OWNERs and ADMINs, who see every workspace. */
  @ApiProperty({ type: 'integer' })
  memberCount!: number;
  /** Whether it exceeds the plan: nothing runs in it, and it may only be emptied and deleted until there is room. */
  readOnly!: boolean;
  @ApiProperty({ format: 'date-time' })
  createdAt!: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt!: string;
}

export class WorkspacePageDto {
  @ApiProperty({ type: () => [WorkspaceDto] })
  data!: WorkspaceDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
  hasMore!: boolean;
}

export class WorkspaceMemberDto extends WorkspaceGrantDto {
  memberId!: string;
  userId!: string;
  name!: string;
  email!: string;
  role!: string;
}

export class WorkspaceMemberPageDto {
  @ApiProperty({ type: () => [WorkspaceMemberDto] })
  data!: WorkspaceMemberDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
  hasMore!: boolean;
}
