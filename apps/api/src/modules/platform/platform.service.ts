import { Inject, Injectable } from '@nestjs/common';
import { Lookups } from '#lib/persistence';
import { LOGGER, type Logger } from '#lib/telemetry';
import type { KillSwitch } from './kill-switch.js';
import type { SetKillSwitchDto } from './platform.dto.js';
import { PlatformRepository } from './platform.repository.js';

@Injectable()
export class PlatformService {
  constructor(
    private readonly lookups: Lookups,
    private readonly repository: PlatformRepository,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  killSwitch(): Promise<KillSwitch> {
    return this.repository.killSwitch();
  }

  /** The engines are told at once; one that could not be told knows 2 s later, as its authorised state is never older. */
  async setKillSwitch({ enabled, reason = '' }: SetKillSwitchDto): Promise<KillSwitch> {
    await this.lookups.setKillSwitch(enabled, reason);
    // It belongs to no organization, so no organization's audit log has a place for it: the process log keeps it.
    this.log.warn(
      { gate: 'kill-switch', outcome: enabled ? 'on' : 'off' },
      'the operator set the kill switch',
    );
    return { enabled, reason };
  }
}
