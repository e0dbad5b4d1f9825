import { Module } from '@nestjs/common';
import { OwnKmsCheck } from './own-kms-check.js';
import { OwnKmsController } from './own-kms.controller.js';
import { OwnKmsRepository } from './own-kms.repository.js';
import { OwnKmsService } from './own-kms.service.js';

@Module({
  controllers: [OwnKmsController],
  providers: [OwnKmsService, OwnKmsRepository, OwnKmsCheck],
})
export class OwnKmsModule {}
