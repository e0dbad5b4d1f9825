import { Injectable } from '@nestjs/common';
import type { DeliveryState } from '#lib/contracts';
import { fromUuid, newUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import { Prisma } from '#prisma-client';
import type { PageWindow } from '../../common/paging.js';
import type { Delivery } from './webhook.js';

interface DeliveryRow {
  id: string;
  webhook_id: string;
  message: string;
  type: string;
  ids: Delivery['ids'];
  occurred_at: Date;
  state: DeliveryState;
  attempts: number;
  next_attempt_at: Date | null;
  last_attempt_at: Date | null;
  last_status: number | null;
  last_error: string | null;
  last_answer: string | null;
  duration_ms: number | null;
  created_at: Date;
  finished_at: Date | null;
}

/** A message that somebody asked for. */
export interface NewDelivery {
  orgId: string;
  id: string;
  webhookId: string;
  type: string;
  ids: Delivery['ids'];
}

@Injectable()
export class DeliveriesRepository {
  /** Newest first. */
  list(
    tx: TenantTx,
    webhookId: string,
    state: DeliveryState | null,
    { take, afterId }: PageWindow,
  ): Promise<Delivery[]> {
    const before = afterId === undefined ? null : toUuid(afterId);
    return this.#read(
      tx,
      Prisma.sql`d.webhook_id = ${toUuid(webhookId)}::uuid AND (${before}::uuid IS NULL OR d.id < ${before}::uuid)
        AND (${state}::text IS NULL OR d.state = ${state}) ORDER BY d.id DESC LIMIT ${take}`,
    );
  }

  async find(tx: TenantTx, webhookId: string, id: string): Promise<Delivery | null> {
    const rows = await this.#read(
      tx,
      Prisma.sql`d.webhook_id = ${toUuid(webhookId)}::uuid AND d.id = ${toUuid(id)}::uuid`,
    );
    return rows[0] ?? null;
  }

  async insert(tx: TenantTx, { orgId, id, webhookId, type, ids }: NewDelivery): Promise<void> {
    await tx.$executeRaw`
      INSERT INTO webhook_deliveries (org_id, id, webhook_id, message, type, ids, occurred_at, next_attempt_at)
      VALUES (${toUuid(orgId)}::uuid, ${toUuid(id)}::uuid, ${toUuid(webhookId)}::uuid, ${newUuid()}::uuid, ${type},
        ${JSON.stringify(ids)}::jsonb, clock_timestamp(), clock_timestamp())`;
  }

  /** Due now, with a schedule of its own. False: it is being sent at this moment. */
  async startAnew(tx: TenantTx, id: string): Promise<boolean> {
    const count = await tx.$executeRaw`
      UPDATE webhook_deliveries SET state = 'pending', round_attempts = 0, round_started_at = NULL,
        next_attempt_at = clock_timestamp(), finished_at = NULL
      WHERE id = ${toUuid(id)}::uuid AND (claimed_until IS NULL OR claimed_until <= clock_timestamp())`;
    return count === 1;
  }

  async #read(tx: TenantTx, which: Prisma.Sql): Promise<Delivery[]> {
    const rows = await tx.$queryRaw<DeliveryRow[]>`
      SELECT d.id::text, d.webhook_id::text, d.message::text, d.type, d.ids, d.occurred_at, d.state, d.attempts,
        d.next_attempt_at, d.last_attempt_at, d.last_status, d.last_error, d.last_answer, d.duration_ms, d.created_at,
        d.finished_at
      FROM webhook_deliveries d WHERE ${which}`;
    return rows.map(deliveryOf);
  }
}

function deliveryOf(row: DeliveryRow): Delivery {
  const { type, ids, state, attempts } = row;
  return {
    ...{ type, ids, state, attempts },
    id: fromUuid('dlv', row.id),
    webhookId: fromUuid('whk', row.webhook_id),
    messageId: fromUuid('evt', row.message),
    occurredAt: row.occurred_at,
    nextAttemptAt: row.next_attempt_at,
    lastAttemptAt: row.last_attempt_at,
    lastStatus: row.last_status,
    lastError: row.last_error,
    lastAnswer: row.last_answer,
    durationMs: row.duration_ms,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  };
}
