import { Module } from '@nestjs/common';
import { KeysModule } from '../keys/keys.module.js';
import { MeteringModule } from '../metering/metering.module.js';
import { CallReceipts } from './call-receipts.js';
import { CatalogueSource } from './catalogue-source.js';
import { CallExecution } from './execute.js';
import { ModelLoop } from './model-loop.js';
import { CallPreparation } from './prepare.js';

/** authorise → resolve → lease → call → meter, each step in a file of its own. */
@Module({
  imports: [KeysModule, MeteringModule],
  providers: [CallExecution, CallPreparation, CallReceipts, CatalogueSource, ModelLoop],
  exports: [CallExecution, CallPreparation, CatalogueSource],
})
export class PipelineModule {}
