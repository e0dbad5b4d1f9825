import { Module } from '@nestjs/common';
import { RetentionProcessor } from './retention.processor.js';

@Module({ providers: [RetentionProcessor] })
export class RetentionModule {}
