import { IsBoolean, IsString, MaxLength } from 'class-validator';
import { Omittable } from '../../common/fields.js';

export class SetKillSwitchDto {
  /** true: no call of any organization reaches a provider. */
  @IsBoolean()
  enabled!: boolean;

  /** Shown to callers with the 503. */
  @Omittable()
  @IsString()
  @MaxLength(500)
  reason?: string;
}

export class KillSwitchDto {
  enabled!: boolean;
  reason!: string;
}
