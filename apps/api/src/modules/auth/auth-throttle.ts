import { Inject, Injectable } from '@nestjs/common';
import type { ApiConfig } from '#lib/config';
import { sha256 } from '#lib/kernel';
import { requestContext } from '#lib/http';
import { Lookups } from '#lib/persistence';
import { API_CONFIG } from '../../common/settings.js';
import { tooManyAttempts } from './auth.errors.js';

const WINDOW_SECONDS = 15 * 60;
const PER_ACCOUNT = 5;
const PER_ADDRESS = 20;

/** What attempts are counted by, as the RateLimit headers name it. */
const ACCOUNT = { name: 'account', quota: PER_ACCOUNT, windowSeconds: WINDOW_SECONDS };
const ADDRESS = { name: 'address', quota: PER_ADDRESS, windowSeconds: WINDOW_SECONDS };

/** Counts attempts in Postgres, so that restarts and further api processes forget nothing (API.md, `auth`). */
@Injectable()
export class AuthThrottle {
  constructor(
    private readonly lookups: Lookups,
    @Inject(API_CONFIG) private readonly config: Pick<ApiConfig, 'authThrottle'>,
  ) {}

  /** Counts before the password is looked at, so that parallel guesses count too. Throws `too_many_attempts`. */
  async countAttempt(account: string, ip: string | null): Promise<void> {
    if (!this.config.authThrottle) return;
    await this.count(accountBucket(account), ACCOUNT);
    await this.countAddress(ip);
  }

  async countAddress(ip: string | null): Promise<void> {
    if (this.config.authThrottle && ip !== null) await this.count(`ip:${ip}`, ADDRESS);
  }

  /**
   * The right password forgives the account's slips. Of the address it takes back this one attempt: twenty people behind one
   * address may all sign in, and whoever guesses there keeps their count.
   */
  async forgive(account: string, ip: string | null): Promise<void> {
    if (!this.config.authThrottle) return;
    await this.lookups.authThrottleClear(accountBucket(account));
    requestContext.setRateLimit({ ...ACCOUNT, remaining: PER_ACCOUNT });
    if (ip === null) return;
    await this.lookups.authThrottleTakeBack(`ip:${ip}`);
    const left = requestContext.rateLimit(ADDRESS.name)?.remaining ?? 0;
    requestContext.setRateLimit({ ...ADDRESS, remaining: left + 1 });
  }

  private async count(bucket: string, limit: typeof ACCOUNT): Promise<void> {
    const hits = await this.lookups.authThrottleHit(bucket, limit.windowSeconds);
    requestContext.setRateLimit({ ...limit, remaining: limit.quota - hits });
    if (hits > limit.quota) throw tooManyAttempts(limit.windowSeconds);
  }
}

/** Hashed: people type passwords into the e-mail field, and this table should not keep them. */
function accountBucket(account: string): string {
  return `account:${sha256(account).toString('base64url')}`;
}
