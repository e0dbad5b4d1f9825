import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsString, Length, ValidateNested } from 'class-validator';
import {
  SERVER_APPROVALS,
  SERVER_APPROVERS,
  type ServerApproval,
  type ServerApprovers,
} from '#lib/contracts';
import { PageQuery } from '#lib/http';
import { IsName, IsReference, Omittable } from '../../common/fields.js';
import { IsSecretText } from '../secrets/index.js';

const CLEARABLE = ['secret'] as const;

export class CreateMcpServerDto {
  @IsName()
  name!: string;

  /** Where it speaks streamable HTTP, e.g. `https://mcp.example.com/mcp`. */
  @IsString()
  @Length(1, 2048)
  url!: string;

  /** What its Authorization header carries: a bearer token, or with its scheme (`Basic …`). Sealed for the URL's origin. */
  @Omittable()
  @IsSecretText()
  @ApiPropertyOptional({ writeOnly: true })
  secret?: string;

  /** `always`: each call to it waits until somebody says that it may be made, whatever an agent says of its tools. */
  @Omittable()
  @IsIn(SERVER_APPROVALS)
  @ApiPropertyOptional({ enum: SERVER_APPROVALS, default: 'none' })
  approval?: ServerApproval;

  /** Whose word counts: `people` leaves out tokens, which may reject a call and not approve it. */
  @Omittable()
  @IsIn(SERVER_APPROVERS)
  @ApiPropertyOptional({ enum: SERVER_APPROVERS, default: 'anyone' })
  approvers?: ServerApprovers;
}

export class UpdateMcpServerDto {
  @Omittable()
  @IsName()
  name?: string;

  /** Another origin needs the secret again. */
  @Omittable()
  @IsString()
  @Length(1, 2048)
  url?: string;

  @Omittable()
  @IsSecretText()
  @ApiPropertyOptional({ writeOnly: true })
  secret?: string;

  /** false: no run may use it, wherever it is assigned. */
  @Omittable()
  @IsBoolean()
  enabled?: boolean;

  /** `always`: each call to it waits until somebody says that it may be made, whatever an agent says of its tools. */
  @Omittable()
  @IsIn(SERVER_APPROVALS)
  @ApiPropertyOptional({ enum: SERVER_APPROVALS })
  approval?: ServerApproval;

  /** Whose word counts: `people` leaves out tokens, which may reject a call and not approve it. */
  @Omittable()
  @IsIn(SERVER_APPROVERS)
  @ApiPropertyOptional({ enum: SERVER_APPROVERS })
  approvers?: ServerApprovers;

  /** Fields to remove. */
  @Omittable()
  @IsArray()
  @IsIn(CLEARABLE, { each: true })
  @ApiPropertyOptional({ type: 'array', items: { type: 'string', enum: [...CLEARABLE] } })
  clear?: (typeof CLEARABLE)[number][];
}

export class ListMcpServersQuery extends PageQuery {}

export class DeleteMcpServerQuery {
  /** `true` takes it out of its workspaces with it. */
  @Omittable()
  @IsIn(['true', 'false'])
  @ApiPropertyOptional({ type: Boolean })
  force?: 'true' | 'false';
}

/** An MCP server as everybody sees it: there is no field that could hold its secret. */
export class McpServerDto {
  id!: string;
  orgId!: string;
  name!: string;
  url!: string;
  hasValue!: boolean;
  @ApiProperty({ type: String, nullable: true })
  mask!: string | null;
  enabled!: boolean;
  /** Whether its calls wait for somebody's word. */
  @ApiProperty({ enum: SERVER_APPROVALS })
  approval!: ServerApproval;
  /** Whose word counts. */
  @ApiProperty({ enum: SERVER_APPROVERS })
  approvers!: ServerApprovers;
  /** Goes up with every change. */
  @ApiProperty({ type: 'integer' })
  version!: number;
  /** In how many workspaces it is. */
  @ApiProperty({ type: 'integer' })
  workspaceCount!: number;
  @ApiProperty({ format: 'date-time' })
  createdAt!: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt!: string;
}

export class McpServerPageDto {
  @ApiProperty({ type: () => [McpServerDto] })
  data!: McpServerDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
  hasMore!: boolean;
}

export class McpAssignmentInputDto {
  @IsReference()
  mcpServerId!: string;

  /** false keeps the assignment without using it. */
  @Omittable()
  @IsBoolean()
  active?: boolean;
}

export class ReplaceMcpAssignmentsDto {
  /** All MCP servers of the workspace: what is not listed is taken away. */
  @IsArray()
  @ArrayMaxSize(50)
  @ValidateNested({ each: true })
  @Type(() => McpAssignmentInputDto)
  @ApiProperty({ type: () => [McpAssignmentInputDto] })
  assignments!: McpAssignmentInputDto[];
}

/** A server as the workspace sees it that was handed it. */
export class AssignedMcpServerDto {
  mcpServerId!: string;
  name!: string;
  url!: string;
  enabled!: boolean;
  active!: boolean;
}

export class AssignedMcpServersDto {
  @ApiProperty({ type: () => [AssignedMcpServerDto] })
  data!: AssignedMcpServerDto[];
}
