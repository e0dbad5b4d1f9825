import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { DELIVERY_STATES, type DeliveryState } from '#lib/contracts';
import { PageQuery } from '#lib/http';
import { Omittable } from '../../common/fields.js';

export class ListDeliveriesQuery extends PageQuery {
  @Omittable()
  @IsIn(DELIVERY_STATES)
  @ApiPropertyOptional({ enum: DELIVERY_STATES })
  state?: DeliveryState;
}

/** A message to one webhook, and what came of it. What it says is made when it is sent, and kept nowhere. */
export class DeliveryDto {
  id!: string;
  webhookId!: string;
  /** The header `webhook-id` of each attempt: a receiver knows a repetition by it. */
  messageId!: string;
  type!: string;
  /** What it is about: ids by role. */
  @ApiProperty({ type: 'object', additionalProperties: { oneOf: [{ type: 'string' }, { type: 'number' }] } })
  ids!: Record<string, string | number>;
  @ApiProperty({ format: 'date-time' })
  occurredAt!: string;
  @ApiProperty({ enum: DELIVERY_STATES })
  state!: DeliveryState;
  @ApiProperty({ type: 'integer' })
  attempts!: number;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  nextAttemptAt!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  lastAttemptAt!: string | null;
  /** The HTTP status of the last answer; null: there was none. */
  @ApiProperty({ type: 'integer', nullable: true })
  lastStatus!: number | null;
  /** Why the last attempt failed. */
  @ApiProperty({ type: String, nullable: true })
  lastError!: string | null;
  /** The beginning of the last answer that was no success; never kept for messages with what a policy keeps nothing of. */
  @ApiProperty({ type: String, nullable: true })
  lastAnswer!: string | null;
  /** How long the last attempt took, in milliseconds. */
  @ApiProperty({ type: 'integer', nullable: true })
  durationMs!: number | null;
  @ApiProperty({ format: 'date-time' })
  createdAt!: string;
  /** When it was delivered or given up. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  finishedAt!: string | null;
}

export class DeliveryPageDto {
  @ApiProperty({ type: () => [DeliveryDto] })
  data!: DeliveryDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
  hasMore!: boolean;
}
