import { Body, Controller, Get, Put } from '@nestjs/common';
import { OperatorOnly } from '#lib/access';
import { WhileRestored } from '../../restored/while-restored.js';
import { KillSwitchDto, SetKillSwitchDto } from './platform.dto.js';
import { PlatformService } from './platform.service.js';

@Controller('platform')
export class PlatformController {
  constructor(private readonly platform: PlatformService) {}

  @Get('kill-switch')
  @OperatorOnly()
  killSwitch(): Promise<KillSwitchDto> {
    return this.platform.killSwitch();
  }

  /** Stops (or lets through) every call of every organization: they answer 503 `ai_disabled`. */
  @Put('kill-switch')
  @WhileRestored((body) => body['enabled'] === true)
  @OperatorOnly()
  setKillSwitch(@Body() input: SetKillSwitchDto): Promise<KillSwitchDto> {
    return this.platform.setKillSwitch(input);
  }
}
