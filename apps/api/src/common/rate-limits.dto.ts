import { IsInt, Max, Min } from 'class-validator';
import { Omittable } from './fields.js';

/** Rate limits as they are sent and shown; what is left out is unlimited. */
export class RateLimitsDto {
  /** Requests per minute. */
  @Omittable()
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  rpm?: number;

  /** Requests per day. */
  @Omittable()
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  rpd?: number;

  /** Tokens per minute. */
  @Omittable()
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  tpm?: number;
}

/** Those of a provider key. */
export class KeyLimitsDto extends RateLimitsDto {
  /** Requests under way at once. */
  @Omittable()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  concurrency?: number;
}
