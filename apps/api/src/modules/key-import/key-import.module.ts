import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/index.js';
import { ProviderKeysModule } from '../provider-keys/index.js';
import { KeyImportController } from './key-import.controller.js';
import { KeyImportService } from './key-import.service.js';

@Module({
  imports: [CatalogModule, ProviderKeysModule],
  controllers: [KeyImportController],
  providers: [KeyImportService],
})
export class KeyImportModule {}
