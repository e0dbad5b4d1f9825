import { Injectable } from '@nestjs/common';
import { WEBHOOK_EVENTS } from '#lib/contracts';
import { fromUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import { Prisma } from '#prisma-client';
import { lockOrg } from '../../common/lock-org.js';
import type { PageWindow } from '../../common/paging.js';
import type { DisabledReason, NewWebhook, Webhook, WebhookSettings } from './webhook.js';
import { nameTaken } from './webhooks.errors.js';

interface WebhookRow {
  org_id: string;
  id: string;
  name: string;
  url: string;
  events: string[];
  workspace_id: string | null;
  secret_id: string;
  mask: string;
  secret_version: number;
  enabled: boolean;
  disabled_reason: DisabledReason | null;
  revision: number;
  created_at: Date;
  updated_at: Date;
}

@Injectable()
export class WebhooksRepository {
  async list(tx: TenantTx, orgId: string, { take, afterId }: PageWindow): Promise<Webhook[]> {
    const after = afterId === undefined ? null : toUuid(afterId);
    return this.#read(
      tx,
      Prisma.sql`w.org_id = ${toUuid(orgId)}::uuid AND (${after}::uuid IS NULL OR w.id > ${after}::uuid)
        ORDER BY w.id LIMIT ${take}`,
    );
  }

  async find(tx: TenantTx, orgId: string, id: string): Promise<Webhook | null> {
    const where = Prisma.sql`w.org_id = ${toUuid(orgId)}::uuid AND w.id = ${toUuid(id)}::uuid`;
    return (await this.#read(tx, where))[0] ?? null;
  }

  async findLocked(tx: TenantTx, orgId: string, id: string): Promise<Webhook | null> {
    await tx.$queryRaw`
      SELECT 1 FROM webhooks WHERE org_id = ${toUuid(orgId)}::uuid AND id = ${toUuid(id)}::uuid FOR UPDATE`;
    return this.find(tx, orgId, id);
  }

  /** Until the end of the transaction no other request counts or adds: the count stays true. */
  async countLocked(tx: TenantTx, orgId: string): Promise<number> {
    await lockOrg(tx, orgId);
    return tx.webhook.count({ where: { orgId: toUuid(orgId) } });
  }

  async workspaceExists(tx: TenantTx, orgId: string, id: string): Promise<boolean> {
    return (await tx.workspace.count({ where: { orgId: toUuid(orgId), id: toUuid(id) } })) === 1;
  }

  /** Throws name_taken. ON CONFLICT decides, so that two requests at once cannot both have the name. */
  async insert(
    tx: TenantTx,
    orgId: string,
    { name, url, events, workspaceId, id, secretId, createdBy }: NewWebhook & NewRow,
  ): Promise<void> {
    const { count } = await tx.webhook.createMany({
      data: {
        ...{ orgId: toUuid(orgId), id: toUuid(id), name, url, events },
        ...{ secretId: toUuid(secretId), createdBy: toUuid(createdBy) },
        workspaceId: workspaceId && toUuid(workspaceId),
      },
      skipDuplicates: true,
    });
    if (count === 0) throw nameTaken();
  }

  /** What was disabled by itself forgets why, whatever is changed of it. Throws name_taken. */
  async update(tx: TenantTx, orgId: string, id: string, settings: WebhookSettings): Promise<void> {
    const { name, url, events, enabled } = settings;
    await lockOrg(tx, orgId);
    const other = await tx.webhook.findFirst({
      where: { orgId: toUuid(orgId), name, id: { not: toUuid(id) } },
      select: { id: true },
    });
    if (other) throw nameTaken();
    await tx.webhook.update({
      where: { orgId_id: { orgId: toUuid(orgId), id: toUuid(id) } },
      data: {
        ...{ name, url, events, enabled },
        ...(enabled && { disabledReason: null }),
        ...{ revision: { increment: 1 }, updatedAt: new Date() },
      },
    });
  }

  /** Another secret is another state of the webhook. */
  async touch(tx: TenantTx, orgId: string, id: string): Promise<void> {
    await tx.webhook.update({
      where: { orgId_id: { orgId: toUuid(orgId), id: toUuid(id) } },
      data: { revision: { increment: 1 }, updatedAt: new Date() },
    });
  }

  /** With its deliveries; its secret goes by the database's own hand (migration 0061). */
  async delete(tx: TenantTx, orgId: string, id: string): Promise<void> {
    await tx.webhook.delete({ where: { orgId_id: { orgId: toUuid(orgId), id: toUuid(id) } } });
  }

  async #read(tx: TenantTx, which: Prisma.Sql): Promise<Webhook[]> {
    const rows = await tx.$queryRaw<WebhookRow[]>`
      SELECT w.org_id::text, w.id::text, w.name, w.url, w.events, w.workspace_id::text, w.secret_id::text, s.mask,
        s.current_version AS secret_version, w.enabled, w.disabled_reason, w.revision, w.created_at, w.updated_at
      FROM webhooks w JOIN secrets s ON s.org_id = w.org_id AND s.id = w.secret_id
      WHERE ${which}`;
    return rows.map(webhookOf);
  }
}

interface NewRow {
  id: string;
  secretId: string;
  createdBy: string;
}

function webhookOf(row: WebhookRow): Webhook {
  const { name, url, enabled, revision } = row;
  return {
    ...{ name, url, enabled, revision },
    events: WEBHOOK_EVENTS.filter((event) => row.events.includes(event)),
    orgId: fromUuid('org', row.org_id),
    id: fromUuid('whk', row.id),
    workspaceId: row.workspace_id && fromUuid('ws', row.workspace_id),
    secret: { id: fromUuid('sec', row.secret_id), mask: row.mask, version: row.secret_version },
    disabledReason: row.disabled_reason,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
