import { Module } from '@nestjs/common';
import { OutboxRelayProcessor } from './outbox-relay.processor.js';
import { OutboxRelayService } from './outbox-relay.service.js';

@Module({ providers: [OutboxRelayService, OutboxRelayProcessor] })
export class OutboxRelayModule {}
