import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { plainToInstance, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsDefined,
  IsIn,
  IsObject,
  IsString,
  Matches,
  MaxLength,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { OptionalField } from './fields.js';
import { NAME_RULE, TOOL_NAME } from './tool.dto.js';

const MESSAGE_ROLES = ['user', 'assistant', 'tool'] as const;
const LONGEST = 500_000;
const MOST_CALLS = 128;

/** What all messages share; also stands for one of an unknown role, so that the fault names `role`. */
export class MessageDto {
  @ApiProperty({ enum: MESSAGE_ROLES })
  @IsIn(MESSAGE_ROLES)
  role!: (typeof MESSAGE_ROLES)[number];
}

export class UserMessageDto extends MessageDto {
  declare role: 'user';

  @ApiProperty({ type: String })
  @IsString()
  @MaxLength(LONGEST)
  content!: string;
}

class CallReferenceDto {
  /** Names the call within the conversation. */
  @ApiProperty({ type: String })
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  toolCallId!: string;

  @ApiProperty({ type: String, pattern: TOOL_NAME.source })
  @Matches(TOOL_NAME, NAME_RULE)
  name!: string;
}

export class MessageToolCallDto extends CallReferenceDto {
  @ApiProperty({ type: Object, additionalProperties: true })
  @IsObject()
  input!: Record<string, unknown>;
}

export class AssistantMessageDto extends MessageDto {
  declare role: 'assistant';

  /** May be empty where the model called tools. */
  @ApiProperty({ type: String })
  @IsString()
  @MaxLength(LONGEST)
  content!: string;

  /** What the model called; the messages of role `tool` that follow hold an output for each. */
  @ApiPropertyOptional({ type: [MessageToolCallDto] })
  @OptionalField()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_CALLS)
  @ValidateNested({ each: true })
  @Type(() => MessageToolCallDto)
  toolCalls?: MessageToolCallDto[];
}

export class MessageToolOutputDto extends CallReferenceDto {
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

/** What tools gave for calls of the assistant's message before. */
export class ToolMessageDto extends MessageDto {
  declare role: 'tool';

  @ApiProperty({ type: [MessageToolOutputDto] })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_CALLS)
  @ValidateNested({ each: true })
  @Type(() => MessageToolOutputDto)
  content!: MessageToolOutputDto[];
}

export type AnyMessageDto = UserMessageDto | AssistantMessageDto | ToolMessageDto;

const MESSAGE_CLASSES: Record<MessageDto['role'], new () => MessageDto> = {
  user: UserMessageDto,
  assistant: AssistantMessageDto,
  tool: ToolMessageDto,
};

/** An entry of `messages` as the class of its role, for the rules of that class to judge. What is no message stays what it is. */
export function toMessage(entry: unknown): unknown {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return entry;
  const role = MESSAGE_ROLES.find((known) => 'role' in entry && entry.role === known);
  return plainToInstance<MessageDto, object>(role ? MESSAGE_CLASSES[role] : MessageDto, entry);
}
