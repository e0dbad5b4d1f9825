import { ApiProperty } from '@nestjs/swagger';
import {
  TEST_STATUSES,
  type KeyTestResult,
  type TestStatus,
  type TestStep,
  type TestStepName,
} from '#lib/contracts';

export class TestStepResponse implements TestStep {
  @ApiProperty({ enum: ['name', 'tls', 'auth', 'model', 'call'] }) name!: TestStepName;
  @ApiProperty({ type: Boolean }) ok!: boolean;
  @ApiProperty({ type: String }) detail!: string;
}

export class KeyTestResponse implements KeyTestResult {
  @ApiProperty({ type: Boolean }) ok!: boolean;
  @ApiProperty({ enum: TEST_STATUSES }) status!: TestStatus;
  @ApiProperty({ type: 'integer' }) latencyMs!: number;
  @ApiProperty({ type: [TestStepResponse] }) steps!: TestStepResponse[];
  @ApiProperty({ type: String }) message!: string;
  @ApiProperty({ type: String, nullable: true }) upstreamRequestId!: string | null;
  @ApiProperty({ type: String, format: 'date-time' }) testedAt!: string;
}

export class LiveModelResponse {
  @ApiProperty({ type: String }) id!: string;
  @ApiProperty({ type: String }) name!: string;
}

export class LiveModelsResponse {
  @ApiProperty({ type: [LiveModelResponse] }) data!: LiveModelResponse[];
}
