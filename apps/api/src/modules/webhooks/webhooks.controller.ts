import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CurrentPrincipal, ListsRows, RequiresPermission, type Principal } from '#lib/access';
import { Conditional, IfMatch } from '../../common/if-match.js';
import { withETag } from '../../common/tagged.js';
import { only, WhileRestored } from '../../restored/while-restored.js';
import {
  CreatedWebhookDto,
  CreateWebhookDto,
  ListWebhooksQuery,
  RotateWebhookSecretDto,
  UpdateWebhookDto,
  WebhookDto,
  WebhookPageDto,
} from './webhooks.dto.js';
import { WebhooksService } from './webhooks.service.js';

@Controller('webhooks')
export class WebhooksController {
  constructor(private readonly webhooks: WebhooksService) {}

  /** Lists the webhooks of the organization, without their secrets. */
  @Get()
  @ListsRows()
  @RequiresPermission('webhooks:ListWebhooks')
  list(@CurrentPrincipal() principal: Principal, @Query() query: ListWebhooksQuery): Promise<WebhookPageDto> {
    return this.webhooks.list(principal, query);
  }

  /** Makes a webhook. Its signing secret is in this answer only. */
  @Post()
  @RequiresPermission('webhooks:CreateWebhook')
  create(
    @CurrentPrincipal() principal: Principal,
    @Body() body: CreateWebhookDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CreatedWebhookDto> {
    return withETag(reply, this.webhooks.create(principal, body));
  }

  @Get(':webhookId')
  @RequiresPermission('webhooks:GetWebhook')
  get(
    @CurrentPrincipal() principal: Principal,
    @Param('webhookId') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WebhookDto> {
    return withETag(reply, this.webhooks.get(principal, id));
  }

  /** Changes what is sent; an omitted field keeps its value. */
  @Patch(':webhookId')
  @WhileRestored(only('enabled', false))
  @Conditional()
  @RequiresPermission('webhooks:UpdateWebhook')
  update(
    @CurrentPrincipal() principal: Principal,
    @Param('webhookId') id: string,
    @Body() body: UpdateWebhookDto,
    @Res({ passthrough: true }) reply: FastifyReply,
    @IfMatch() ifMatch?: string,
  ): Promise<WebhookDto> {
    return withETag(reply, this.webhooks.update(principal, id, body, ifMatch));
  }

  /** Deletes it with its deliveries, and erases its secret. */
  @Delete(':webhookId')
  @WhileRestored()
  @Conditional()
  @HttpCode(204)
  @RequiresPermission('webhooks:DeleteWebhook')
  delete(
    @CurrentPrincipal() principal: Principal,
    @Param('webhookId') id: string,
    @IfMatch() ifMatch?: string,
  ): Promise<void> {
    return this.webhooks.delete(principal, id, ifMatch);
  }

  /** Gives it a new signing secret, in this answer only. Messages carry both signatures until the overlap ends. */
  @Post(':webhookId/rotate-secret')
  @HttpCode(200)
  @RequiresPermission('webhooks:RotateWebhookSecret')
  rotateSecret(
    @CurrentPrincipal() principal: Principal,
    @Param('webhookId') id: string,
    @Body() body: RotateWebhookSecretDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CreatedWebhookDto> {
    return withETag(reply, this.webhooks.rotateSecret(principal, id, body.overlapSeconds));
  }
}
