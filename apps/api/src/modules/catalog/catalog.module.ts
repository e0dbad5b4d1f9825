import { Module } from '@nestjs/common';
import { CatalogController } from './catalog.controller.js';
import { CatalogRepository } from './catalog.repository.js';
import { CatalogService } from './catalog.service.js';
import { CatalogueSource } from './catalogue-source.js';

@Module({
  controllers: [CatalogController],
  providers: [CatalogService, CatalogRepository, CatalogueSource],
  exports: [CatalogueSource],
})
export class CatalogModule {}
