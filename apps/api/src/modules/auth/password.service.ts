import { Injectable } from '@nestjs/common';
import type { Account } from '#lib/access';
import { hashPassword, verifyPassword } from '#lib/kernel';
import { Lookups, TenantDb } from '#lib/persistence';
import { recordChange } from '../../common/record-change.js';
import type { ChangePasswordDto, UserDto } from './auth.dto.js';
import { wrongCredentials, wrongPassword } from './auth.errors.js';
import { AuthRepository } from './auth.repository.js';
import { AuthThrottle } from './auth-throttle.js';

/** Computed once: what an unknown address is checked against, so that it takes as long as a known one. */
const nobody = hashPassword('nobody has this password');

@Injectable()
export class PasswordService {
  constructor(
    private readonly lookups: Lookups,
    private readonly throttle: AuthThrottle,
    private readonly db: TenantDb,
    private readonly repository: AuthRepository,
  ) {}

  /** The user behind address and password; `unauthenticated` alike for an unknown address and a wrong password. */
  async check(email: string, password: string): Promise<UserDto> {
    const login = await this.lookups.login(email);
    const right = await verifyPassword(password, login?.passwordHash ?? (await nobody));
    if (!login || !right) throw wrongCredentials();
    return { id: login.userId, email: login.email, name: login.name };
  }

  /** Changes the caller's password and ends all their other sessions. */
  async change(account: Account, ip: string | null, input: ChangePasswordDto): Promise<void> {
    await this.throttle.countAttempt(account.userId, ip);
    const current = await this.lookups.passwordHash(account.userId);
    if (!current || !(await verifyPassword(input.currentPassword, current))) throw wrongPassword();
    await this.throttle.forgive(account.userId, ip);
    await this.store(account, await hashPassword(input.newPassword));
    await this.lookups.deleteOtherSessions(account.userId, account.sessionId);
  }

  private async store(account: Account, passwordHash: string): Promise<void> {
    const { userId, activeOrgId } = account;
    if (activeOrgId === null) return this.lookups.setPassword(userId, passwordHash);
    await this.db.withOrg(activeOrgId, async (tx) => {
      await this.repository.setPassword(tx, userId, passwordHash);
      await recordChange(
        tx,
        { orgId: activeOrgId, userId },
        {
          action: 'account:UpdateSelf',
          target: userId,
          change: { password: 'changed' },
          topic: 'member.changed',
          ids: { userId },
        },
      );
    });
  }
}
