import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/index.js';
import { AcceptInviteController } from './accept-invite.controller.js';
import { AcceptInviteService } from './accept-invite.service.js';
import { InvitesController } from './invites.controller.js';
import { InvitesRepository } from './invites.repository.js';
import { InvitesService } from './invites.service.js';
import { JoinService } from './join.service.js';

@Module({
  imports: [AuthModule],
  controllers: [InvitesController, AcceptInviteController],
  providers: [InvitesService, AcceptInviteService, JoinService, InvitesRepository],
})
export class InvitesModule {}
