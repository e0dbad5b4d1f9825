import { Module } from '@nestjs/common';
import { OnboardingModule } from '../onboarding/index.js';
import { AccountController } from './account.controller.js';
import { AuthThrottle } from './auth-throttle.js';
import { AuthController } from './auth.controller.js';
import { AuthRepository } from './auth.repository.js';
import { AccountService, AuthService } from './auth.service.js';
import { MeService } from './me.service.js';
import { PasswordService } from './password.service.js';
import { SessionsService } from './sessions.service.js';

@Module({
  imports: [OnboardingModule],
  controllers: [AuthController, AccountController],
  providers: [
    AuthService,
    AccountService,
    MeService,
    PasswordService,
    SessionsService,
    AuthThrottle,
    AuthRepository,
  ],
  exports: [AuthService, AccountService, AuthThrottle],
})
export class AuthModule {}
