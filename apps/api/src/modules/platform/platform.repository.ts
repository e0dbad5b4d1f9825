import { Injectable } from '@nestjs/common';
import { PgPool, type TenantTx } from '#lib/persistence';
import { killSwitchOf, type KillSwitch } from './kill-switch.js';

/** Settings of the platform, which belong to no tenant. */
@Injectable()
export class PlatformRepository {
  constructor(private readonly pool: PgPool) {}

  async killSwitch(): Promise<KillSwitch> {
    const sql = `SELECT value FROM platform_settings WHERE key = 'kill_switch'`;
    const { rows } = await this.pool.query<{ value: unknown }>(sql);
    return killSwitchOf(rows[0]?.value);
  }

  /** The same, as the transaction of the change sees it. */
  async killSwitchIn(tx: TenantTx): Promise<KillSwitch> {
    const rows = await tx.$queryRaw<{ value: unknown }[]>`
      SELECT value FROM platform_settings WHERE key = 'kill_switch'`;
    return killSwitchOf(rows[0]?.value);
  }

  async setKillSwitch(tx: TenantTx, { enabled, reason }: KillSwitch): Promise<void> {
    await tx.$executeRaw`SELECT lookup.set_kill_switch(${enabled}, ${reason})`;
  }
}
