import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/index.js';
import { ModelAliasesController } from './model-aliases.controller.js';
import { ModelAliasesRepository } from './model-aliases.repository.js';
import { ModelAliasesService } from './model-aliases.service.js';

@Module({
  imports: [CatalogModule],
  controllers: [ModelAliasesController],
  providers: [ModelAliasesService, ModelAliasesRepository],
})
export class ModelAliasesModule {}
