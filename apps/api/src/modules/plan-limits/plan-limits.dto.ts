import { ApiProperty } from '@nestjs/swagger';
import { COUNTED, type CountedResource } from './plan-limit.js';

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
  @ApiProperty({ type: 'integer', nullable: true })
  mcpServers!: number | null;
  /** How many days (UTC, today included) of runs and receipts can be read. Older ones are kept. */
  @ApiProperty({ type: 'integer', nullable: true })
  historyDays!: number | null;
  /** The models that may be used: `provider/model`, with `*` for any run of characters. */
  @ApiProperty({ type: [String], nullable: true })
  models!: string[] | null;
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
  @ApiProperty({ type: 'integer' })
  mcpServers!: number;
}

/** How one counted limit stands. */
export class PlanStandingDto {
  @ApiProperty({ enum: COUNTED })
  limit!: CountedResource;
  @ApiProperty({ type: 'integer' })
  used!: number;
  @ApiProperty({ type: 'integer', nullable: true })
  max!: number | null;
  /** How many exceed the limit, the newest ones: they can be seen, disabled and deleted, and nothing else. */
  @ApiProperty({ type: 'integer' })
  readOnly!: number;
  /** null while there is room. */
  @ApiProperty({ type: String, nullable: true })
  whatToDo!: string | null;
}

export class PlanDto {
  /** The plan's slug. */
  plan!: string;
  limits!: PlanLimitsDto;
  used!: PlanUseDto;
  standing!: PlanStandingDto[];
  /** What to do when a limit is too low, and who can. */
  howToRaise!: string;
}
