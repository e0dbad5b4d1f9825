import { Module } from '@nestjs/common';
import { FirstOwner } from './first-owner.js';
import { OnboardingRepository } from './onboarding.repository.js';
import { OnboardingService } from './onboarding.service.js';

@Module({
  providers: [OnboardingService, OnboardingRepository, FirstOwner],
  exports: [OnboardingService],
})
export class OnboardingModule {}
