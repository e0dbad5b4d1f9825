export { emailTaken } from './onboarding.errors.js';
export { normalizeEmail } from './onboarding.js';
export { OnboardingModule } from './onboarding.module.js';
export { OnboardingService } from './onboarding.service.js';
