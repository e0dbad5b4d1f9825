import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CurrentPrincipal, ListsRows, RequiresPermission, type Principal } from '#lib/access';
import { DeliveryDto, DeliveryPageDto, ListDeliveriesQuery } from './deliveries.dto.js';
import { DeliveriesService } from './deliveries.service.js';

@Controller('webhooks/:webhookId')
export class DeliveriesController {
  constructor(private readonly deliveries: DeliveriesService) {}

  /** Lists the messages to a webhook, newest first, for 30 days. */
  @Get('deliveries')
  @ListsRows()
  @RequiresPermission('webhooks:ListDeliveries')
  list(
    @CurrentPrincipal() principal: Principal,
    @Param('webhookId') webhookId: string,
    @Query() query: ListDeliveriesQuery,
  ): Promise<DeliveryPageDto> {
    return this.deliveries.list(principal, webhookId, query);
  }

  /** Sends a message again, under the same `webhook-id` and with a schedule of its own. */
  @Post('deliveries/:deliveryId/redeliver')
  @HttpCode(202)
  @RequiresPermission('webhooks:RedeliverDelivery')
  redeliver(
    @CurrentPrincipal() principal: Principal,
    @Param('webhookId') webhookId: string,
    @Param('deliveryId') deliveryId: string,
  ): Promise<DeliveryDto> {
    return this.deliveries.redeliver(principal, webhookId, deliveryId);
  }

  /** Sends a message of the type `webhook.test`; what came of it is in the list of deliveries. */
  @Post('test')
  @HttpCode(202)
  @RequiresPermission('webhooks:TestWebhook')
  test(
    @CurrentPrincipal() principal: Principal,
    @Param('webhookId') webhookId: string,
  ): Promise<DeliveryDto> {
    return this.deliveries.test(principal, webhookId);
  }
}
