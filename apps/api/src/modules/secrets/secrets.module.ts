import { Module } from '@nestjs/common';
import { SecretSealer } from './secret-sealer.js';
import { SecretStore } from './secret-store.js';
import { SecretsController } from './secrets.controller.js';
import { SecretsRepository } from './secrets.repository.js';
import { SecretsService } from './secrets.service.js';

@Module({
  controllers: [SecretsController],
  providers: [SecretsService, SecretsRepository, SecretStore, SecretSealer],
  exports: [SecretStore, SecretSealer],
})
export class SecretsModule {}
