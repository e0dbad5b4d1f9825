import { Injectable } from '@nestjs/common';
import { VERSION_DRAIN_MS } from '#lib/contracts';
import { fromUuid, newId, newUuid, toUuid } from '#lib/kernel';
import { PgPool } from '../pg/pg-pool.js';
import { withTenantPg, type TenantPg } from '../pg/tenant-pg.js';
import { appendAuditPg } from '../records/append-audit.js';
import { appendOutboxPg } from '../records/append-outbox.js';
import type { DeliveryClaim } from './webhook-messages.js';

/** A sealed version of a signing secret. */
export interface SigningVersion {
  secretId: string;
  version: number;
  format: number;
  kmsRef: string;
  origins: string[];
  wrappedDek: Buffer;
  envelope: Buffer;
}

/** What a run's row says now: as much of it as is kept. */
export interface RunOfMessage {
  node_execution_id: string;
  workflow_id: string | null;
  workflow_version: string | null;
  status: string;
  result: Record<string, unknown> | null;
  error: Record<string, unknown> | null;
  retention: string;
  started_at: Date;
  finished_at: Date | null;
}

/** What an attempt needs. */
export interface DueMessage {
  /** `evt_…` */
  messageId: string;
  type: string;
  ids: Record<string, string | number>;
  occurredAt: Date;
  roundAttempts: number;
  url: string;
  /** null: it is about no run, or the run is gone. */
  run: RunOfMessage | null;
  /** The one in use first. */
  secrets: SigningVersion[];
}

/** What is listed of an attempt. */
export interface AttemptFacts {
  status: number | null;
  /** null: it was delivered. */
  error: string | null;
  answer: string | null;
  durationMs: number | null;
}

interface MessageRow {
  message: string;
  type: string;
  ids: DueMessage['ids'];
  occurred_at: Date;
  round_attempts: number;
  url: string;
}

const RUN_COLUMNS =
  'node_execution_id, workflow_id, workflow_version, status, result, error, retention, started_at, finished_at';

/** Attempts to deliver a message. Only who holds the newest attempt says what came of it: a late one changes nothing. */
@Injectable()
export class WebhookAttempts {
  constructor(private readonly pool: PgPool) {}

  /** null: the attempt is not this process's any more, or its webhook is gone or disabled. */
  async read({ orgId, deliveryId, webhookId, attempt }: DeliveryClaim): Promise<DueMessage | null> {
    return withTenantPg(this.pool, orgId, async (tx) => {
      const { rows } = await tx.query<MessageRow>(
        `SELECT d.message::text, d.type, d.ids, d.occurred_at, d.round_attempts, w.url
         FROM webhook_deliveries d JOIN webhooks w ON w.org_id = d.org_id AND w.id = d.webhook_id AND w.enabled
         WHERE d.id = $1 AND d.attempts = $2 AND d.state = 'pending'`,
        [toUuid(deliveryId), attempt],
      );
      const [row] = rows;
      if (!row) return null;
      const { type, ids } = row;
      return {
        ...{ type, ids, url: row.url },
        messageId: fromUuid('evt', row.message),
        occurredAt: row.occurred_at,
        roundAttempts: row.round_attempts,
        run: typeof ids['runId'] === 'string' ? await runOf(tx, ids['runId']) : null,
        secrets: await secretsOf(tx, webhookId),
      };
    });
  }

  /** It was taken. False: the attempt is not this process's any more. */
  async succeed({ orgId, deliveryId, attempt }: DeliveryClaim, facts: AttemptFacts): Promise<boolean> {
    return withTenantPg(this.pool, orgId, (tx) =>
      this.#write(
        tx,
        deliveryId,
        attempt,
        facts,
        `state = 'succeeded', next_attempt_at = NULL, finished_at = now()`,
      ),
    );
  }

  /** It was not taken, and is tried again in so many milliseconds. */
  async retry(
    { orgId, deliveryId, attempt }: DeliveryClaim,
    facts: AttemptFacts,
    inMs: number,
  ): Promise<boolean> {
    const next = `next_attempt_at = clock_timestamp() + ${Math.ceil(inMs)} * interval '1 millisecond'`;
    return withTenantPg(this.pool, orgId, (tx) => this.#write(tx, deliveryId, attempt, facts, next));
  }

  /** Nothing was sent, for a reason that is not the endpoint's: this attempt does not count. */
  async postpone(
    { orgId, deliveryId, attempt }: DeliveryClaim,
    facts: AttemptFacts,
    inMs: number,
  ): Promise<boolean> {
    const next = `round_attempts = greatest(round_attempts - 1, 0),
      next_attempt_at = clock_timestamp() + ${Math.ceil(inMs)} * interval '1 millisecond'`;
    return withTenantPg(this.pool, orgId, (tx) => this.#write(tx, deliveryId, attempt, facts, next));
  }

  /**
   * It is given up. `gone`: the endpoint said so itself, and its webhook is disabled; otherwise that happens when nothing was taken since
   * the first attempt of the round. Notice, audit row and event come with it. Answers whether the webhook was disabled.
   */
  async giveUp(claim: DeliveryClaim, facts: AttemptFacts, reason: 'gone' | 'failing'): Promise<boolean> {
    const { orgId, deliveryId, webhookId, attempt } = claim;
    return withTenantPg(this.pool, orgId, async (tx) => {
      const over = `state = 'failed', next_attempt_at = NULL, finished_at = now()`;
      if (!(await this.#write(tx, deliveryId, attempt, facts, over))) return false;
      const { rowCount } = await tx.query(
        `UPDATE webhooks w SET enabled = false, disabled_reason = $3, revision = w.revision + 1, updated_at = now()
         WHERE w.id = $1 AND w.enabled AND ($3 = 'gone' OR NOT EXISTS (
           SELECT 1 FROM webhook_deliveries s JOIN webhook_deliveries d ON d.org_id = s.org_id AND d.id = $2
           WHERE s.webhook_id = w.id AND s.state = 'succeeded' AND s.finished_at >= d.round_started_at))`,
        [toUuid(webhookId), toUuid(deliveryId), reason],
      );
      if (rowCount === 0) return false;
      await tellOwners(tx, claim, reason);
      return true;
    });
  }

  async #write(
    tx: TenantPg,
    deliveryId: string,
    attempt: number,
    { status, error, answer, durationMs }: AttemptFacts,
    set: string,
  ): Promise<boolean> {
    const { rowCount } = await tx.query(
      `UPDATE webhook_deliveries SET ${set}, claimed_until = NULL, last_attempt_at = now(), last_status = $3, last_error = $4,
         last_answer = $5, duration_ms = $6
       WHERE id = $1 AND attempts = $2 AND state = 'pending' AND claimed_until IS NOT NULL`,
      [toUuid(deliveryId), attempt, status, error, answer, durationMs],
    );
    return rowCount === 1;
  }
}

async function runOf(tx: TenantPg, runId: string): Promise<RunOfMessage | null> {
  const { rows } = await tx.query<RunOfMessage>(`SELECT ${RUN_COLUMNS} FROM agent_runs WHERE id = $1`, [
    toUuid(runId),
  ]);
  return rows[0] ?? null;
}

async function secretsOf(tx: TenantPg, webhookId: string): Promise<SigningVersion[]> {
  const { rows } = await tx.query<{
    secret_id: string;
    version: number;
    format: number;
    kms_ref: string;
    origins: string[];
    wrapped_dek: Buffer;
    envelope: Buffer;
  }>(
    'SELECT secret_id::text, version, format, kms_ref, origins, wrapped_dek, envelope FROM lookup.signing_secrets($1, $2)',
    [toUuid(webhookId), VERSION_DRAIN_MS / 1_000],
  );
  return rows.map(({ version, format, origins, envelope, ...row }) => ({
    ...{ version, format, origins, envelope },
    secretId: fromUuid('sec', row.secret_id),
    kmsRef: row.kms_ref,
    wrappedDek: row.wrapped_dek,
  }));
}

async function tellOwners(tx: TenantPg, { orgId, webhookId }: DeliveryClaim, reason: string): Promise<void> {
  await tx.query(
    `INSERT INTO notices (org_id, id, kind, webhook_id, level, created_at)
     SELECT w.org_id, $1::uuid, 'webhook.disabled', w.id, 'critical', clock_timestamp() FROM webhooks w WHERE w.id = $2`,
    [newUuid(), toUuid(webhookId)],
  );
  await appendOutboxPg(tx, { orgId, topic: 'webhook.disabled', ids: { webhookId } });
  await appendAuditPg(tx, {
    orgId,
    actor: 'system',
    action: 'webhooks:DisableWebhook',
    target: webhookId,
    requestId: newId('req'),
    ip: null,
    change: { enabled: [true, false], disabledReason: reason },
  });
}
