import { Module } from '@nestjs/common';
import { UsageRollupProcessor } from './usage-rollup.processor.js';

@Module({ providers: [UsageRollupProcessor] })
export class UsageRollupModule {}
