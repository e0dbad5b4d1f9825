import { Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import { notFound, WEBHOOK_TEST } from '#lib/contracts';
import { toPage } from '#lib/http';
import { isId, newId } from '#lib/kernel';
import { TenantDb, type TenantTx } from '#lib/persistence';
import { coveredRows } from '../../common/covered-rows.js';
import { pageWindow } from '../../common/paging.js';
import { recordChange } from '../../common/record-change.js';
import type { DeliveryDto, DeliveryPageDto, ListDeliveriesQuery } from './deliveries.dto.js';
import { DeliveriesRepository } from './deliveries.repository.js';
import type { Webhook } from './webhook.js';
import { isDisabled, isUnderWay } from './webhooks.errors.js';
import { WebhooksRepository } from './webhooks.repository.js';
import { deliveryDtoOf } from './webhooks.view.js';

/** The messages to a webhook: what came of each, and that one is sent again. The worker alone sends. */
@Injectable()
export class DeliveriesService {
  constructor(
    private readonly db: TenantDb,
    private readonly webhooks: WebhooksRepository,
    private readonly deliveries: DeliveriesRepository,
  ) {}

  async list(principal: Principal, webhookId: string, query: ListDeliveriesQuery): Promise<DeliveryPageDto> {
    const window = pageWindow('dlv', query);
    const { state = null } = query;
    return this.db.withOrg(principal.orgId, async (tx) => {
      await this.find(tx, principal.orgId, webhookId);
      const rows = await coveredRows(
        principal,
        'webhooks:ListDeliveries',
        window,
        (part) => this.deliveries.list(tx, webhookId, state, part),
        [webhookId],
      );
      return toPage(rows, query.limit, ({ id }) => id, deliveryDtoOf);
    });
  }

  /** Throws not_found, and conflict while the webhook is disabled or the message under way. */
  async redeliver(principal: Principal, webhookId: string, id: string): Promise<DeliveryDto> {
    const { orgId } = principal;
    return this.db.withOrg(orgId, async (tx) => {
      const webhook = await this.find(tx, orgId, webhookId);
      const found = isId('dlv', id) && (await this.deliveries.find(tx, webhookId, id));
      if (!found) throw notFound();
      if (!webhook.enabled) throw isDisabled();
      if (!(await this.deliveries.startAnew(tx, id))) throw isUnderWay();
      const { type, messageId, state } = found;
      await recordChange(tx, principal, {
        action: 'webhooks:RedeliverDelivery',
        target: id,
        change: { webhookId, type, messageId, state: [state, 'pending'] },
        topic: 'webhook.redelivered',
        ids: { webhookId, deliveryId: id },
      });
      return this.present(tx, webhookId, id);
    });
  }

  /** Throws not_found, and conflict while the webhook is disabled. */
  async test(principal: Principal, webhookId: string): Promise<DeliveryDto> {
    const { orgId } = principal;
    const id = newId('dlv');
    return this.db.withOrg(orgId, async (tx) => {
      const webhook = await this.find(tx, orgId, webhookId);
      if (!webhook.enabled) throw isDisabled();
      await this.deliveries.insert(tx, { orgId, id, webhookId, type: WEBHOOK_TEST, ids: { webhookId } });
      await recordChange(tx, principal, {
        action: 'webhooks:TestWebhook',
        target: webhookId,
        change: { deliveryId: id },
        topic: 'webhook.tested',
        ids: { webhookId, deliveryId: id },
      });
      return this.present(tx, webhookId, id);
    });
  }

  private async find(tx: TenantTx, orgId: string, id: string): Promise<Webhook> {
    const webhook = isId('whk', id) ? await this.webhooks.find(tx, orgId, id) : null;
    if (!webhook) throw notFound();
    return webhook;
  }

  private async present(tx: TenantTx, webhookId: string, id: string): Promise<DeliveryDto> {
    const delivery = await this.deliveries.find(tx, webhookId, id);
    if (!delivery) throw notFound();
    return deliveryDtoOf(delivery);
  }
}
