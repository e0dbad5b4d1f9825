import { ApiProperty } from '@nestjs/swagger';

export class PlanLimitsDto {
  /** Provider keys. null: unlimited, here and below. */
  @ApiProperty({ type: 'integer', nullable: true })
  keys!: number | null;
  @ApiProperty({ type: 'integer', nullable: true })
  workspaces!: number | null;
  /** Members beside the owner. */
  @ApiProperty({ type: 'integer', nullable: true })
  members!: number | null;
  @ApiProperty({ type: 'integer', nullable: true })
  executionsPerMonth!: number | null;
}

export class PlanUseDto {
  @ApiProperty({ type: 'integer' })
  keys!: number;
  @ApiProperty({ type: 'integer' })
  workspaces!: number;
  @ApiProperty({ type: 'integer' })
  members!: number;
  /** In the current month (UTC). */
  @ApiProperty({ type: 'integer' })
  executionsPerMonth!: number;
}

export class PlanDto {
  /** The plan's slug. */
  plan!: string;
  limits!: PlanLimitsDto;
  used!: PlanUseDto;
  /** What to do when a limit is too low, and who can. */
  howToRaise!: string;
}
