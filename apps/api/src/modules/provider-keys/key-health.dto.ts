import { ApiProperty } from '@nestjs/swagger';
import type { KeyHealthOutcome, KeyHealthSource } from '#lib/contracts';

export class KeyHealthEventDto {
  @ApiProperty({ format: 'date-time' })
  at!: string;
  @ApiProperty({ enum: ['run', 'test'] })
  source!: KeyHealthSource;
  /** `refused`: the vendor rejected the key; `failed`: the call failed for another reason; `ok`: it worked again. */
  @ApiProperty({ enum: ['ok', 'refused', 'failed'] })
  outcome!: KeyHealthOutcome;
  @ApiProperty({ type: String, nullable: true })
  code!: string | null;
  /** What the vendor said about the key; null for a failure of another kind, which may quote what was asked. */
  @ApiProperty({ type: String, nullable: true })
  message!: string | null;
  @ApiProperty({ type: String, nullable: true })
  runId!: string | null;
  /** Refused calls in a row, this one included; the key is failing from three on. */
  @ApiProperty({ type: 'integer' })
  refusedInARow!: number;
}

/** The newest fifty: tests, refusals, failures, and the successes that ended a row of refusals. */
export class KeyHealthDto {
  @ApiProperty({ type: 'integer' })
  refusedInARow!: number;
  /** When a call last succeeded. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  lastOkAt!: string | null;
  data!: KeyHealthEventDto[];
}
