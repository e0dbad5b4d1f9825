import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsString,
  Length,
  Max,
  Min,
} from 'class-validator';
import { MAX_SIGNING_OVERLAP_S, SIGNING_OVERLAP_S, WEBHOOK_EVENTS, type WebhookEvent } from '#lib/contracts';
import { PageQuery } from '#lib/http';
import { IsName, IsReference, Omittable } from '../../common/fields.js';
import type { DisabledReason } from './webhook.js';

const EVENTS_MESSAGE = `Give some of ${WEBHOOK_EVENTS.join(', ')}.`;

export class CreateWebhookDto {
  @IsName()
  name!: string;

  /** Where messages go: https on port 443, or what the operator lists. */
  @IsString()
  @Length(1, 2048)
  url!: string;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(WEBHOOK_EVENTS.length)
  @ArrayUnique()
  @IsIn(WEBHOOK_EVENTS, { each: true, message: EVENTS_MESSAGE })
  @ApiProperty({ type: 'array', items: { type: 'string', enum: [...WEBHOOK_EVENTS] } })
  events!: WebhookEvent[];

  /** Only what happens in this workspace. Left out: in all of them, and what belongs to none. It can't be changed afterwards. */
  @Omittable()
  @IsReference()
  workspaceId?: string;
}

export class UpdateWebhookDto {
  @Omittable()
  @IsName()
  name?: string;

  @Omittable()
  @IsString()
  @Length(1, 2048)
  url?: string;

  @Omittable()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(WEBHOOK_EVENTS.length)
  @ArrayUnique()
  @IsIn(WEBHOOK_EVENTS, { each: true, message: EVENTS_MESSAGE })
  @ApiPropertyOptional({ type: 'array', items: { type: 'string', enum: [...WEBHOOK_EVENTS] } })
  events?: WebhookEvent[];

  /** false: nothing is written down for it, and what waits is kept. true sends that, up to 30 days old. */
  @Omittable()
  @IsBoolean()
  enabled?: boolean;
}

export class RotateWebhookSecretDto {
  /** Seconds that the old secret signs beside the new one: a day when left out, 0 ends it at once, at most 7 days. */
  @Omittable()
  @IsInt()
  @Min(0)
  @Max(MAX_SIGNING_OVERLAP_S)
  @ApiPropertyOptional({ default: SIGNING_OVERLAP_S })
  overlapSeconds?: number;
}

export class ListWebhooksQuery extends PageQuery {}

/** A webhook as everybody sees it: there is no field that could hold its secret. */
export class WebhookDto {
  id!: string;
  orgId!: string;
  name!: string;
  url!: string;
  @ApiProperty({ type: 'array', items: { type: 'string', enum: [...WEBHOOK_EVENTS] } })
  events!: WebhookEvent[];
  @ApiProperty({ type: String, nullable: true })
  workspaceId!: string | null;
  /** The last characters of the signing secret. */
  mask!: string;
  @ApiProperty({ type: 'integer' })
  secretVersion!: number;
  enabled!: boolean;
  /** Why it was disabled by itself: `gone` (its endpoint answered 410) or `failing`; null for one that a person disabled. */
  @ApiProperty({ enum: ['gone', 'failing'], nullable: true })
  disabledReason!: DisabledReason | null;
  /** Goes up with every change. */
  @ApiProperty({ type: 'integer' })
  version!: number;
  @ApiProperty({ format: 'date-time' })
  createdAt!: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt!: string;
}

export class CreatedWebhookDto extends WebhookDto {
  /** `whsec_…`, by which its receiver verifies messages (Standard Webhooks). Shown once. */
  secret!: string;
}

export class WebhookPageDto {
  @ApiProperty({ type: () => [WebhookDto] })
  data!: WebhookDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
  hasMore!: boolean;
}
