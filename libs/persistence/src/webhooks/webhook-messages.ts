import { Injectable } from '@nestjs/common';
import { fromUuid, newUuid, toUuid } from '#lib/kernel';
import { PgPool } from '../pg/pg-pool.js';
import { withTenantPg } from '../pg/tenant-pg.js';

/** What happened, for whoever subscribed to it. */
export interface NewMessage {
  orgId: string;
  /** `out_…`: of the event; each webhook gets one message of it, however often this is written. */
  eventId: string;
  type: string;
  ids: Record<string, string | number>;
  at: Date;
  /** `ws_…`; null: it belongs to no workspace. */
  workspaceId: string | null;
  /** `whk_…` that is told whatever it subscribed to. */
  callbackId: string | null;
}

/** A message that this process may send now, and the number of the attempt, by which it says what came of it. */
export interface DeliveryClaim {
  orgId: string;
  /** `dlv_…` */
  deliveryId: string;
  webhookId: string;
  attempt: number;
}

export interface ClaimBounds {
  limit: number;
  /** Under way at once, over all processes. */
  perWebhook: number;
  perOrg: number;
  /** After so long a message that nobody has said anything of is handed out again. */
  holdSeconds: number;
}

/** Messages of webhooks as rows: written down and handed out. */
@Injectable()
export class WebhookMessages {
  constructor(private readonly pool: PgPool) {}

  /** Writes a message for each enabled webhook that wants it. Again is no second message. Answers how many are new. */
  async write({ orgId, eventId, type, ids, at, ...to }: NewMessage): Promise<number> {
    return withTenantPg(this.pool, orgId, async (tx) => {
      const { rows } = await tx.query<{ id: string }>(
        `SELECT id FROM webhooks
         WHERE enabled AND (id = $1 OR ($2 = ANY (events) AND (workspace_id IS NULL OR workspace_id = $3)))`,
        [to.callbackId && toUuid(to.callbackId), type, to.workspaceId && toUuid(to.workspaceId)],
      );
      if (rows.length === 0) return 0;
      const { rowCount } = await tx.query(
        `INSERT INTO webhook_deliveries (org_id, id, webhook_id, message, type, ids, occurred_at, next_attempt_at)
         SELECT w.org_id, n.id, w.id, $3, $4, $5::jsonb, $6, clock_timestamp()
         FROM unnest($1::uuid[], $2::uuid[]) AS n (id, webhook) JOIN webhooks w ON w.id = n.webhook
         ON CONFLICT (org_id, webhook_id, message) DO NOTHING`,
        [rows.map(() => newUuid()), rows.map(({ id }) => id), toUuid(eventId), type, JSON.stringify(ids), at],
      );
      return rowCount ?? 0;
    });
  }

  /** What is due, in a fair order, each marked as this process's until its hold ends. */
  async claim({ limit, perWebhook, perOrg, holdSeconds }: ClaimBounds): Promise<DeliveryClaim[]> {
    const { rows } = await this.pool.query<{
      org_id: string;
      id: string;
      webhook_id: string;
      attempt: number;
    }>('SELECT org_id, id, webhook_id, attempt FROM lookup.claim_deliveries($1, $2, $3, $4)', [
      ...[limit, perWebhook, perOrg, holdSeconds],
    ]);
    return rows.map(({ org_id, id, webhook_id, attempt }) => ({
      orgId: fromUuid('org', org_id),
      deliveryId: fromUuid('dlv', id),
      webhookId: fromUuid('whk', webhook_id),
      attempt,
    }));
  }
}
