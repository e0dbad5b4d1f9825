import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { ApiConfig } from '#lib/config';
import { ClavigerError } from '#lib/contracts';
import { LOGGER, type Logger } from '#lib/telemetry';
import { API_CONFIG } from '../../common/settings.js';
import { OnboardingService } from './onboarding.service.js';

/** The headless first owner of CLAVIGER_INIT_OWNER_*: made at boot when there is no such account yet. */
@Injectable()
export class FirstOwner implements OnApplicationBootstrap {
  constructor(
    private readonly onboarding: OnboardingService,
    @Inject(API_CONFIG) private readonly config: Pick<ApiConfig, 'initOwner'>,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (!this.config.initOwner) return;
    const { email, password, org } = this.config.initOwner;
    try {
      const made = await this.onboarding.signUp({
        email,
        password,
        name: email.split('@', 1)[0] ?? 'owner',
        orgName: org,
      });
      this.log.info({ orgId: made.org.id, userId: made.user.id }, 'made the first owner');
    } catch (error) {
      // A second api process or an earlier start made it: the account, and what became of its password, are left alone.
      if (!(error instanceof ClavigerError) || error.code !== 'conflict') throw error;
    }
  }
}
