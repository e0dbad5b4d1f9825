import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { plainToInstance } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
} from 'class-validator';
import { STOP_CONDITIONS } from '#lib/contracts';
import { IsToolChoice, OptionalField, TOOL_CHOICE } from './fields.js';
import { NAME_RULE, TOOL_NAME } from './tool.dto.js';

const MOST_STEPS = 100;
const MOST_TOKENS = 1_000_000_000;
const MOST_MICRO_USD = 1_000_000_000_000;

/** Stands for a condition of an unknown type, so that the fault names `type`. */
export class StopConditionDto {
  @ApiProperty({ enum: STOP_CONDITIONS })
  @IsIn(STOP_CONDITIONS)
  type!: (typeof STOP_CONDITIONS)[number];
}

/** The model called this tool, which answered without an error, or is the caller's own: its output is not waited for then. */
export class ToolCallStopDto {
  @ApiProperty({ enum: ['toolCall'] })
  @IsIn(['toolCall'])
  type!: 'toolCall';

  /** By the name that the model knows it by. */
  @ApiProperty({ type: String, pattern: TOOL_NAME.source })
  @Matches(TOOL_NAME, NAME_RULE)
  tool!: string;
}

/** So many steps were made. Unlike `maxSteps` it is no failure of an answer that is to have another form than text. */
export class StepsStopDto {
  @ApiProperty({ enum: ['steps'] })
  @IsIn(['steps'])
  type!: 'steps';

  @ApiProperty({ type: Number, minimum: 1, maximum: MOST_STEPS })
  @IsInt()
  @Min(1)
  @Max(MOST_STEPS)
  count!: number;
}

/** The text of a step contains this, letter by letter. */
export class TextStopDto {
  @ApiProperty({ enum: ['text'] })
  @IsIn(['text'])
  type!: 'text';

  @ApiProperty({ type: String, minLength: 1, maxLength: 1000 })
  @IsString()
  @MinLength(1)
  @MaxLength(1_000)
  contains!: string;
}

/** The steps so far used so many tokens, input and output together. */
export class TokensStopDto {
  @ApiProperty({ enum: ['tokens'] })
  @IsIn(['tokens'])
  type!: 'tokens';

  @ApiProperty({ type: Number, minimum: 1, maximum: MOST_TOKENS })
  @IsInt()
  @Min(1)
  @Max(MOST_TOKENS)
  max!: number;
}

/** The steps so far cost so much, in integer micro-USD. Only models with a known price can be run with it. */
export class CostStopDto {
  @ApiProperty({ enum: ['costMicroUsd'] })
  @IsIn(['costMicroUsd'])
  type!: 'costMicroUsd';

  @ApiProperty({ type: Number, minimum: 1, maximum: MOST_MICRO_USD })
  @IsInt()
  @Min(1)
  @Max(MOST_MICRO_USD)
  max!: number;
}

export type AnyStopDto = ToolCallStopDto | StepsStopDto | TextStopDto | TokensStopDto | CostStopDto;

const STOP_CLASSES: Record<StopConditionDto['type'], new () => AnyStopDto> = {
  toolCall: ToolCallStopDto,
  steps: StepsStopDto,
  text: TextStopDto,
  tokens: TokensStopDto,
  costMicroUsd: CostStopDto,
};
export const STOP_SCHEMAS = Object.values(STOP_CLASSES);

/** An entry of `stopWhen` as the class of its type, for the rules of that class to judge. What is no condition stays what it is. */
export function toStop(entry: unknown): unknown {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return entry;
  const type = STOP_CONDITIONS.find((known) => 'type' in entry && entry.type === known);
  return plainToInstance<object, object>(type ? STOP_CLASSES[type] : StopConditionDto, entry);
}

/** What holds for some steps in place of the agent's own. Of several rules the first that covers a step holds for it. */
export class StepRuleDto {
  /** The first step, counted from 1 over the whole run. */
  @ApiPropertyOptional({ type: Number, minimum: 1, maximum: MOST_STEPS, default: 1 })
  @OptionalField()
  @IsInt()
  @Min(1)
  @Max(MOST_STEPS)
  from?: number;

  /** The last one; without it all that follow. */
  @ApiPropertyOptional({ type: Number, minimum: 1, maximum: MOST_STEPS })
  @OptionalField()
  @IsInt()
  @Min(1)
  @Max(MOST_STEPS)
  to?: number;

  @ApiPropertyOptional(TOOL_CHOICE)
  @OptionalField()
  @IsToolChoice()
  toolChoice?: 'auto' | 'none' | 'required' | { tool: string };

  /** Names of the tools that the model may call in these steps; none where it is empty. */
  @ApiPropertyOptional({ type: [String] })
  @OptionalField()
  @IsArray()
  @ArrayMaxSize(128)
  @Matches(TOOL_NAME, { ...NAME_RULE, each: true })
  tools?: string[];
}
