import { Module } from '@nestjs/common';
import { systemClock } from '#lib/kernel';
import { NoticeStore } from '#lib/persistence';
import { Alerts } from './alerts.js';
import { ExpiryNoticesProcessor } from './expiry-notices.processor.js';
import { ExpiryNoticesService } from './expiry-notices.service.js';

@Module({
  providers: [
    ExpiryNoticesProcessor,
    Alerts,
    {
      provide: ExpiryNoticesService,
      inject: [NoticeStore],
      useFactory: (store: NoticeStore) => new ExpiryNoticesService(store, systemClock),
    },
  ],
})
export class ExpiryNoticesModule {}
