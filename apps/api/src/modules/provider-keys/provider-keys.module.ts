import { Module } from '@nestjs/common';
import { AssignmentsModule } from '../assignments/index.js';
import { CatalogModule } from '../catalog/index.js';
import { PlanLimitsModule } from '../plan-limits/index.js';
import { SecretsModule } from '../secrets/index.js';
import { CreateKeyService } from './create-key.service.js';
import { DeleteKeyService } from './delete-key.service.js';
import { EngineClient } from './engine-client.js';
import { KeyActionsController } from './key-actions.controller.js';
import { KeyActionsService } from './key-actions.service.js';
import { KeyHealthRepository } from './key-health.repository.js';
import { KeyHealthService } from './key-health.service.js';
import { KeyIntake } from './key-intake.js';
import { KeyRows } from './key-rows.js';
import { ProviderKeysController } from './provider-keys.controller.js';
import { ProviderKeysRepository } from './provider-keys.repository.js';
import { ProviderKeysService } from './provider-keys.service.js';
import { RotateKeyService } from './rotate-key.service.js';
import { UpdateKeyService } from './update-key.service.js';

@Module({
  imports: [AssignmentsModule, CatalogModule, PlanLimitsModule, SecretsModule],
  controllers: [ProviderKeysController, KeyActionsController],
  providers: [
    ProviderKeysService,
    ProviderKeysRepository,
    CreateKeyService,
    UpdateKeyService,
    DeleteKeyService,
    KeyActionsService,
    RotateKeyService,
    EngineClient,
    KeyHealthRepository,
    KeyHealthService,
    KeyIntake,
    KeyRows,
  ],
  exports: [CreateKeyService],
})
export class ProviderKeysModule {}
