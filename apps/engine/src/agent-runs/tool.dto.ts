import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { plainToInstance } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { IsStringMap, OptionalField } from './fields.js';

const TOOL_TYPES = ['http', 'mcp', 'client'] as const;
const HTTP_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export const TOOL_NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;
export const NAME_RULE = {
  message: 'A tool name has up to 64 letters, digits, _ and -, and starts with a letter or _.',
};

/** What all tools share; also stands for one of an unknown type, so that the fault names `type`. */
export class ToolDto {
  @ApiProperty({ enum: TOOL_TYPES })
  @IsIn(TOOL_TYPES)
  type!: (typeof TOOL_TYPES)[number];

  /** A call waits until somebody says that it may be made (`…/approvals/:id`): the run pauses with `requires_action`. */
  @ApiPropertyOptional({ type: Boolean, default: false })
  @OptionalField()
  @IsBoolean()
  needsApproval?: boolean;
}

class NamedToolDto extends ToolDto {
  @ApiProperty({ type: String, pattern: TOOL_NAME.source })
  @Matches(TOOL_NAME, NAME_RULE)
  name!: string;

  @ApiProperty({ type: String })
  @IsString()
  @MaxLength(10_000)
  description!: string;

  /** JSON Schema of the tool's input (an object). */
  @ApiProperty({ type: Object, additionalProperties: true })
  @IsObject()
  inputSchema!: Record<string, unknown>;
}

/** A tool that the engine calls over HTTP: `{name}` in the URL is filled from the input, the rest goes into query or body. */
export class HttpToolDto extends NamedToolDto {
  declare type: 'http';

  @ApiProperty({ enum: HTTP_METHODS })
  @IsIn(HTTP_METHODS)
  method!: (typeof HTTP_METHODS)[number];

  @ApiProperty({ type: String })
  @IsString()
  @MaxLength(2_000)
  url!: string;

  /** A value may name a secret of the organization that is for tools and for this URL's origin: `{{secret:name}}`. */
  @ApiPropertyOptional({ type: Object, additionalProperties: { type: 'string' } })
  @OptionalField()
  @IsStringMap()
  headers?: Record<string, string>;

  @ApiPropertyOptional({ type: Number, minimum: 100, maximum: 120_000, default: 30_000 })
  @OptionalField()
  @IsInt()
  @Min(100)
  @Max(120_000)
  timeoutMs?: number;
}

/** Tools of an MCP server that the workspace was handed. What the server brings has its own names, or the server's before them. */
export class McpToolDto extends ToolDto {
  declare type: 'mcp';

  /** `mcp_…` */
  @ApiProperty({ type: String })
  @IsString()
  @MaxLength(200)
  serverId!: string;

  /** The server's own names of the tools that the model may call; all without it. */
  @ApiPropertyOptional({ type: [String] })
  @OptionalField()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(128)
  @IsString({ each: true })
  @MaxLength(200, { each: true })
  tools?: string[];
}

/** A tool that the caller runs itself: the run pauses with `requires_action` until `tool-outputs` brings what it gave. */
export class ClientToolDto extends NamedToolDto {
  declare type: 'client';
}

const TOOL_CLASSES: Record<ToolDto['type'], new () => ToolDto> = {
  http: HttpToolDto,
  mcp: McpToolDto,
  client: ClientToolDto,
};

/** An entry of `tools` as the class of its type, for the rules of that class to judge. What is no tool at all stays what it is. */
export function toTool(entry: unknown): unknown {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return entry;
  const type = TOOL_TYPES.find((known) => 'type' in entry && entry.type === known);
  return plainToInstance<ToolDto, object>(type ? TOOL_CLASSES[type] : ToolDto, entry);
}
