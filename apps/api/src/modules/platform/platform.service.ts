import { Inject, Injectable } from '@nestjs/common';
import { TenantDb } from '#lib/persistence';
import { LOGGER, type Logger } from '#lib/telemetry';
import { changePlatform, recordAct, tellAll } from '../../common/platform-changes.js';
import type { KillSwitch } from './kill-switch.js';
import type { SetKillSwitchDto } from './platform.dto.js';
import { PlatformRepository } from './platform.repository.js';

@Injectable()
export class PlatformService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: PlatformRepository,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  killSwitch(): Promise<KillSwitch> {
    return this.repository.killSwitch();
  }

  /**
   * The engines are told at once; one that could not be told knows 2 s later, as its authorised state is never older. The same
   * again changes nothing.
   */
  async setKillSwitch({ enabled, reason = '' }: SetKillSwitchDto): Promise<KillSwitch> {
    await changePlatform(this.db, async (tx) => {
      const before = await this.repository.killSwitchIn(tx);
      if (before.enabled === enabled && before.reason === reason) return;
      await this.repository.setKillSwitch(tx, { enabled, reason });
      await tellAll(tx, 'kill-switch.changed');
      const change = { enabled: [before.enabled, enabled], reason: [before.reason, reason] };
      await recordAct(tx, { action: 'platform:SetKillSwitch', target: 'kill-switch', change });
    });
    this.log.warn(
      { gate: 'kill-switch', outcome: enabled ? 'on' : 'off' },
      'the operator set the kill switch',
    );
    return { enabled, reason };
  }
}
