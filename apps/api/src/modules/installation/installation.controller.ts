import { Controller, Get } from '@nestjs/common';
import { RequiresPermission } from '#lib/access';
import { RestoredGate } from '../../restored/restored-gate.js';
import { RESTORED_READ_ONLY } from '../../restored/restored.errors.js';
import { InstallationDto } from './installation.dto.js';

@Controller('installation')
export class InstallationController {
  constructor(private readonly restored: RestoredGate) {}

  /** Whether this installation serves, or waits for its operator after an old backup was restored. */
  @Get()
  @RequiresPermission('account:ReadSelf')
  get(): InstallationDto {
    const { closed } = this.restored;
    return { restored: closed, detail: closed ? RESTORED_READ_ONLY : null };
  }
}
