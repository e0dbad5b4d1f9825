import { Injectable } from '@nestjs/common';
import type { Account } from '#lib/access';
import { notFound } from '#lib/contracts';
import { requestContext } from '#lib/http';
import { isId } from '#lib/kernel';
import { Lookups } from '#lib/persistence';
import { normalizeEmail, OnboardingService } from '../onboarding/index.js';
import { AuthThrottle } from './auth-throttle.js';
import type { LoginDto, SessionDto, SignupDto, UserDto } from './auth.dto.js';
import { MeService } from './me.service.js';
import { PasswordService } from './password.service.js';
import { SessionsService } from './sessions.service.js';

/** The answer of a call that opened a session, and the session's token for the cookie. */
export interface SignedIn {
  token: string;
  body: SessionDto;
}

@Injectable()
export class AuthService {
  constructor(
    private readonly onboarding: OnboardingService,
    private readonly throttle: AuthThrottle,
    private readonly passwords: PasswordService,
    private readonly sessions: SessionsService,
    private readonly me: MeService,
  ) {}

  async signUp(input: SignupDto, userAgent: string | null): Promise<SignedIn> {
    await this.throttle.countAddress(requestContext.ip);
    const { user, org } = await this.onboarding.signUp(input);
    return this.signIn({ id: user.id, email: user.email, name: user.name }, org.id, userAgent);
  }

  async logIn(input: LoginDto, userAgent: string | null): Promise<SignedIn> {
    const email = normalizeEmail(input.email);
    await this.throttle.countAttempt(email, requestContext.ip);
    const user = await this.passwords.check(email, input.password);
    await this.throttle.forgive(email, requestContext.ip);
    return this.signIn(user, await this.me.homeOf(user.id), userAgent);
  }

  /** Opens a session for somebody whose identity is settled. */
  async signIn(user: UserDto, orgId: string | null, userAgent: string | null): Promise<SignedIn> {
    const session = await this.sessions.open(user.id, orgId, userAgent);
    return { token: session.token, body: await this.me.describe(user, orgId, session.csrfToken) };
  }
}

/** What a signed-in person asks about themselves. */
@Injectable()
export class AccountService {
  constructor(
    private readonly lookups: Lookups,
    private readonly me: MeService,
  ) {}

  describe(account: Account): Promise<SessionDto> {
    return this.me.describe(userOf(account), account.activeOrgId, account.csrfToken);
  }

  /** Makes one of the caller's organizations the active one of this session. */
  async activate(account: Account, orgId: string): Promise<SessionDto> {
    if (!isId('org', orgId) || !(await this.lookups.setActiveOrg(account.sessionId, orgId))) throw notFound();
    return this.me.describe(userOf(account), orgId, account.csrfToken);
  }
}

function userOf({ userId, email, name }: Account): UserDto {
  return { id: userId, email, name };
}
