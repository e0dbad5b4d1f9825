import { Module } from '@nestjs/common';
import { SecretsModule } from '../secrets/index.js';
import { DeliveriesController } from './deliveries.controller.js';
import { DeliveriesRepository } from './deliveries.repository.js';
import { DeliveriesService } from './deliveries.service.js';
import { SigningSecrets } from './signing-secrets.js';
import { WebhookUrls } from './webhook-urls.js';
import { WebhooksController } from './webhooks.controller.js';
import { WebhooksRepository } from './webhooks.repository.js';
import { WebhooksService } from './webhooks.service.js';

@Module({
  imports: [SecretsModule],
  controllers: [WebhooksController, DeliveriesController],
  providers: [
    WebhooksService,
    WebhooksRepository,
    WebhookUrls,
    SigningSecrets,
    DeliveriesService,
    DeliveriesRepository,
  ],
})
export class WebhooksModule {}
