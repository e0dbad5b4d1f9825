import { ApiProperty } from '@nestjs/swagger';
import { RateLimitsDto } from '../../common/rate-limits.dto.js';

export class ProviderLimitsDto {
  /** The provider's slug. */
  provider!: string;
  /** What each organization may send to this provider, over all its keys. */
  @ApiProperty({ type: RateLimitsDto })
  limits!: RateLimitsDto;
}

export class ProviderLimitsListDto {
  data!: ProviderLimitsDto[];
}
