import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { OperatorOnly } from '#lib/access';
import { RateLimitsDto } from '../../common/rate-limits.dto.js';
import { ProviderLimitsDto, ProviderLimitsListDto } from './provider-limits.dto.js';
import { ProviderLimitsService } from './provider-limits.service.js';

@Controller('platform/provider-limits')
export class ProviderLimitsController {
  constructor(private readonly limits: ProviderLimitsService) {}

  /** The providers whose rate is limited. */
  @Get()
  @OperatorOnly()
  list(): Promise<ProviderLimitsListDto> {
    return this.limits.list();
  }

  /** Sets the rate limits of a provider, which hold for each organization by itself; what is left out is unlimited. */
  @Put(':slug')
  @OperatorOnly()
  set(@Param('slug') slug: string, @Body() body: RateLimitsDto): Promise<ProviderLimitsDto> {
    return this.limits.set(slug, body);
  }
}
