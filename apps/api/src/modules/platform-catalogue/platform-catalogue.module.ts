import { Module } from '@nestjs/common';
import { CatalogueEditor } from './catalogue-editor.js';
import { PlatformCatalogueController } from './platform-catalogue.controller.js';
import { PlatformCatalogueRepository } from './platform-catalogue.repository.js';
import { PlatformCatalogueService } from './platform-catalogue.service.js';
import { PlatformProvidersController } from './platform-providers.controller.js';
import { PlatformProvidersService } from './platform-providers.service.js';

@Module({
  controllers: [PlatformProvidersController, PlatformCatalogueController],
  providers: [
    PlatformProvidersService,
    PlatformCatalogueService,
    CatalogueEditor,
    PlatformCatalogueRepository,
  ],
})
export class PlatformCatalogueModule {}
