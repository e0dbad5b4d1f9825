import { ApiProperty } from '@nestjs/swagger';
import {
  PROVIDER_KEY_STATUSES,
  TEST_STATUSES,
  type ProviderKeyStatus,
  type TestStatus,
  type TestStepName,
} from '#lib/contracts';
import { KeyLimitsDto } from '../../common/rate-limits.dto.js';

/** A provider key as everybody sees it: there is no field that could hold the secret (PRODUCT #17). */
export class ProviderKeyDto {
  id!: string;
  orgId!: string;
  name!: string;
  provider!: string;
  @ApiProperty({ type: String, nullable: true })
  secretId!: string | null;
  @ApiProperty({ type: String, nullable: true })
  baseUrl!: string | null;
  @ApiProperty({ type: String, nullable: true })
  defaultModel!: string | null;
  models!: string[];
  @ApiProperty({ type: 'object', additionalProperties: true })
  config!: Record<string, unknown>;
  /** Whether a secret is stored. */
  hasValue!: boolean;
  /** The vendor's prefix and the last four characters; null without a secret. */
  @ApiProperty({ type: String, nullable: true })
  mask!: string | null;
  enabled!: boolean;
  @ApiProperty({ enum: PROVIDER_KEY_STATUSES })
  status!: ProviderKeyStatus;
  /** The version of the secret in use; null where there is none. */
  @ApiProperty({ type: 'integer', nullable: true })
  version!: number | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  lastTestedAt!: string | null;
  @ApiProperty({ enum: TEST_STATUSES, nullable: true, type: String })
  lastTestStatus!: TestStatus | null;
  @ApiProperty({ type: String, nullable: true })
  lastTestMessage!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  lastUsedAt!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  expiresAt!: string | null;
  @ApiProperty({ type: KeyLimitsDto, nullable: true })
  limits!: KeyLimitsDto | null;
  /** In how many workspaces it is assigned. */
  @ApiProperty({ type: 'integer' })
  workspaceCount!: number;
  /** Whether it exceeds the plan: it serves no call, and may only be disabled, unassigned and deleted until there is room. */
  readOnly!: boolean;
  @ApiProperty({ format: 'date-time' })
  createdAt!: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt!: string;
}

export class HintDto {
  /** The field that the hint is about (RFC 6901). */
  pointer!: string;
  detail!: string;
}

/** The answer of creating and updating: with what looks odd about the settings, though they were saved. */
export class SavedProviderKeyDto extends ProviderKeyDto {
  @ApiProperty({ type: () => [HintDto] })
  hints!: HintDto[];
}

export class ProviderKeyPageDto {
  data!: ProviderKeyDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
  hasMore!: boolean;
}

export class KeyTestStepDto {
  @ApiProperty({ enum: ['name', 'tls', 'auth', 'model', 'call'] })
  name!: TestStepName;
  ok!: boolean;
  detail!: string;
}

export class KeyTestResultDto {
  ok!: boolean;
  @ApiProperty({ enum: TEST_STATUSES })
  status!: TestStatus;
  latencyMs!: number;
  steps!: KeyTestStepDto[];
  message!: string;
  @ApiProperty({ type: String, nullable: true })
  upstreamRequestId!: string | null;
  @ApiProperty({ format: 'date-time' })
  testedAt!: string;
}

export class RotationResultDto extends KeyTestResultDto {
  /** The version in use after the rotation: the new one when `ok`, else the old one. */
  version!: number;
}

export class KeyVersionDto {
  version!: number;
  @ApiProperty({ enum: ['pending', 'active', 'draining', 'shredded'] })
  state!: string;
  @ApiProperty({ type: String, nullable: true })
  createdBy!: string | null;
  @ApiProperty({ format: 'date-time' })
  createdAt!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  retiredAt!: string | null;
}

export class KeyVersionListDto {
  data!: KeyVersionDto[];
}

export class LiveModelDto {
  id!: string;
  /** Whether the catalogue knows this model. */
  inCatalogue!: boolean;
}

export class LiveModelListDto {
  data!: LiveModelDto[];
}

export class DependentCountsDto {
  @ApiProperty({ type: 'integer' })
  workspaces!: number;
  @ApiProperty({ type: 'integer' })
  policies!: number;
}

export class DependentSamplesDto {
  /** At most five of them. */
  workspaces!: string[];
  /** At most five of them. */
  policies!: string[];
}

/** What uses a key: the workspaces that it is assigned to, and the policies whose judge it is. */
export class KeyDependentsDto {
  counts!: DependentCountsDto;
  sampleIds!: DependentSamplesDto;
}
