import { Module } from '@nestjs/common';
import { QuotaScopesRepository } from './quota-scopes.repository.js';
import { QuotasController } from './quotas.controller.js';
import { QuotasRepository } from './quotas.repository.js';
import { QuotasService } from './quotas.service.js';

@Module({
  controllers: [QuotasController],
  providers: [QuotasService, QuotasRepository, QuotaScopesRepository],
})
export class QuotasModule {}
