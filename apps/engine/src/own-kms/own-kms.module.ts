import { Module } from '@nestjs/common';
import { KeysModule } from '../keys/keys.module.js';
import { OwnKmsController } from './own-kms.controller.js';
import { OwnKmsService } from './own-kms.service.js';

/** Its guard is the strategy that KeyActionsModule provides: one entrance for the control plane. */
@Module({ imports: [KeysModule], controllers: [OwnKmsController], providers: [OwnKmsService] })
export class OwnKmsModule {}
