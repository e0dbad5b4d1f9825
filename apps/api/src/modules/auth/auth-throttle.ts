import { Inject, Injectable } from '@nestjs/common';
import type { ApiConfig } from '#lib/config';
import { sha256 } from '#lib/kernel';
import { Lookups } from '#lib/persistence';
import { API_CONFIG } from '../../common/settings.js';
import { tooManyAttempts } from './auth.errors.js';

const WINDOW_SECONDS = 15 * 60;
const PER_ACCOUNT = 5;
const PER_ADDRESS = 20;

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
    await this.count(accountBucket(account), PER_ACCOUNT);
    await this.countAddress(ip);
  }

  async countAddress(ip: string | null): Promise<void> {
    if (this.config.authThrottle && ip !== null) await this.count(`ip:${ip}`, PER_ADDRESS);
  }

  /**
   * The right password forgives the account's slips. Of the address it takes back this one attempt: twenty people behind one
   * address may all sign in, and whoever guesses there keeps their count.
   */
  async forgive(account: string, ip: string | null): Promise<void> {
    if (!this.config.authThrottle) return;
    await this.lookups.authThrottleClear(accountBucket(account));
    if (ip !== null) await this.lookups.authThrottleTakeBack(`ip:${ip}`);
  }

  private async count(bucket: string, max: number): Promise<void> {
    const hits = await this.lookups.authThrottleHit(bucket, WINDOW_SECONDS);
    if (hits > max) throw tooManyAttempts(WINDOW_SECONDS);
  }
}

/** Hashed: people type passwords into the e-mail field, and this table should not keep them. */
function accountBucket(account: string): string {
  return `account:${sha256(account).toString('base64url')}`;
}
