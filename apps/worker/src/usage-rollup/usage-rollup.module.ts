import { Module, type DynamicModule } from '@nestjs/common';
import type { WorkerConfig } from '#lib/config';
import { USAGE_RETENTION, UsageRollupProcessor } from './usage-rollup.processor.js';

/** Adds up what calls used, by the day and by the minute, and removes what has had its time. */
@Module({})
export class UsageRollupModule {
  static register({ usage }: WorkerConfig): DynamicModule {
    return {
      module: UsageRollupModule,
      providers: [{ provide: USAGE_RETENTION, useValue: usage }, UsageRollupProcessor],
    };
  }
}
