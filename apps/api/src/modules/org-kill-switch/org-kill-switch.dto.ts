import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsString, MaxLength } from 'class-validator';
import { Omittable } from '../../common/fields.js';
import type { StopsBy } from './org-kill-switch.js';

export class SetOrgKillSwitchDto {
  /** true: no call of the organization reaches a provider. */
  @IsBoolean()
  enabled!: boolean;

  /** Shown to the organization's own people and callers, with the 503. */
  @Omittable()
  @IsString()
  @MaxLength(500)
  reason?: string;
}

export class OrgStopDto {
  @ApiProperty({ enum: ['operator', 'owner'] })
  by!: StopsBy;
  reason!: string;
}

export class OrgKillSwitchDto {
  /** Whether all calls of the organization are stopped. */
  enabled!: boolean;
  /** By whose word, each lifted by who gave it. */
  stops!: OrgStopDto[];
}
