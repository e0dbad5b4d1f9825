import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsString,
  Length,
  Matches,
  Max,
  Min,
} from 'class-validator';
import {
  CONTENT_ACTIONS,
  CONTENT_SIDES,
  POLICY_RULE_TYPES,
  RETENTION_LEVELS,
  type ContentAction,
  type ContentSide,
  type PolicyRuleType,
  type RetentionLevel,
} from '#lib/contracts';
import { IsModelId, IsReference, Omittable } from '../../common/fields.js';

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const TIME_MESSAGE = 'Write the time as HH:MM, from 00:00 to 23:59.';

/** One rule. Which fields it has depends on its type; deny beats allow, and an allow admits what it names and nothing else. */
export class PolicyRuleDto {
  /** providers: slugs. models: globs (`*`, `?`) over the model and over provider/model. surfaces: names. tools: globs over names. */
  @IsIn(POLICY_RULE_TYPES)
  @ApiProperty({ enum: POLICY_RULE_TYPES })
  type!: PolicyRuleType;

  @Omittable()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @IsString({ each: true })
  @Length(1, 200, { each: true })
  allow?: string[];

  @Omittable()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @IsString({ each: true })
  @Length(1, 200, { each: true })
  deny?: string[];

  /** tools: the kinds that are allowed, out of http, mcp, client. pii: what to look for. */
  @Omittable()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @Length(1, 64, { each: true })
  kinds?: string[];

  /** max_output_tokens: the most that one call to a model may ask for; one that names no limit is given this one. */
  @Omittable()
  @IsInt()
  @Min(1)
  @Max(10_000_000)
  max?: number;

  /** time_window: days on which calls are allowed, from 0, Sunday, to 6. */
  @Omittable()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(7)
  @IsInt({ each: true })
  @Min(0, { each: true })
  @Max(6, { each: true })
  @ApiPropertyOptional({ type: 'integer', isArray: true, minimum: 0, maximum: 6 })
  days?: number[];

  /** time_window: from this minute on. */
  @Omittable()
  @Matches(TIME, { message: TIME_MESSAGE })
  from?: string;

  /** time_window: before this minute; not later than `from`: on the day after. */
  @Omittable()
  @Matches(TIME, { message: TIME_MESSAGE })
  to?: string;

  /** time_window: by the clocks of this IANA zone. */
  @Omittable()
  @IsString()
  @Length(1, 64)
  timeZone?: string;

  /** pii, pattern, judge: which side of a call it reads. */
  @Omittable()
  @IsIn(CONTENT_SIDES)
  @ApiPropertyOptional({ enum: CONTENT_SIDES })
  on?: ContentSide;

  /** pii, pattern. */
  @Omittable()
  @IsIn(CONTENT_ACTIONS)
  @ApiPropertyOptional({ enum: CONTENT_ACTIONS })
  action?: ContentAction;

  /** pattern: a regular expression. */
  @Omittable()
  @IsString()
  @Length(1, 1_000)
  pattern?: string;

  /** judge: the policy in words. */
  @Omittable()
  @IsString()
  @Length(1, 4_000)
  instruction?: string;

  /** judge: the key whose model judges. */
  @Omittable()
  @IsReference()
  aiProviderId?: string;

  /** judge. */
  @Omittable()
  @IsModelId()
  model?: string;

  /** retention. */
  @Omittable()
  @IsIn(RETENTION_LEVELS)
  @ApiPropertyOptional({ enum: RETENTION_LEVELS })
  content?: RetentionLevel;
}
