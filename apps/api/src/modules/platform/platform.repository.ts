import { Injectable } from '@nestjs/common';
import { PgPool } from '#lib/persistence';
import { killSwitchOf, type KillSwitch } from './kill-switch.js';

/** Settings of the platform, which belong to no tenant: read outside of any organization's transaction. */
@Injectable()
export class PlatformRepository {
  constructor(private readonly pool: PgPool) {}

  async killSwitch(): Promise<KillSwitch> {
    const sql = `SELECT value FROM platform_settings WHERE key = 'kill_switch'`;
    const { rows } = await this.pool.query<{ value: unknown }>(sql);
    return killSwitchOf(rows[0]?.value);
  }
}
