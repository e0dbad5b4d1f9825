import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsString, Length, ValidateNested } from 'class-validator';
import {
  POLICY_RULE_TYPES,
  POLICY_SEVERITIES,
  VIOLATION_ACTIONS,
  type PolicyRuleType,
  type PolicySeverity,
  type ViolationAction,
} from '#lib/contracts';
import { PageQuery } from '#lib/http';
import { IsReference, IsTime, Omittable } from '../../common/fields.js';
import { PolicyScopeDto, SCOPE_TYPES, type ScopeType } from './policies.dto.js';
import { PolicyRuleDto } from './policy-rule.dto.js';

export class ListViolationsQuery extends PageQuery {
  /** Only of this policy, which may have been deleted since. */
  @Omittable()
  @IsReference()
  policyId?: string;

  /** Only in this workspace. */
  @Omittable()
  @IsReference()
  workspaceId?: string;

  @Omittable()
  @IsIn(POLICY_SEVERITIES)
  @ApiPropertyOptional({ enum: POLICY_SEVERITIES })
  severity?: PolicySeverity;

  /** What came of it. */
  @Omittable()
  @IsIn(VIOLATION_ACTIONS)
  @ApiPropertyOptional({ enum: VIOLATION_ACTIONS })
  action?: ViolationAction;

  /** Not before this moment. */
  @Omittable()
  @IsTime()
  @ApiPropertyOptional({ type: String, format: 'date-time' })
  from?: string;

  /** Before this moment. */
  @Omittable()
  @IsTime()
  @ApiPropertyOptional({ type: String, format: 'date-time' })
  to?: string;
}

export class PolicyViolationDto {
  id!: string;
  policyId!: string;
  /** As it was called then. */
  policyName!: string;
  @ApiProperty({ type: 'integer' })
  policyVersion!: number;
  @ApiProperty({ enum: SCOPE_TYPES })
  scope!: ScopeType;
  @ApiProperty({ enum: POLICY_SEVERITIES })
  severity!: PolicySeverity;
  @ApiProperty({ enum: VIOLATION_ACTIONS })
  action!: ViolationAction;
  /** Which rule of that version, from 0. */
  @ApiProperty({ type: 'integer' })
  ruleIndex!: number;
  @ApiProperty({ enum: POLICY_RULE_TYPES })
  ruleType!: PolicyRuleType;
  detail!: string;
  workspaceId!: string;
  /** `usr_…` or `tok_…` */
  principalId!: string;
  /** null for a call that was refused before it became a run. */
  @ApiProperty({ type: String, nullable: true })
  runId!: string | null;
  @ApiProperty({ type: String, nullable: true })
  provider!: string | null;
  @ApiProperty({ type: String, nullable: true })
  model!: string | null;
  requestId!: string;
  @ApiProperty({ format: 'date-time' })
  at!: string;
}

export class PolicyViolationPageDto {
  @ApiProperty({ type: () => [PolicyViolationDto] })
  data!: PolicyViolationDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
  hasMore!: boolean;
}

export class CreateApprovalDto {
  /** For all calls in this workspace; or name a token. */
  @Omittable()
  @IsReference()
  workspaceId?: string;

  /** For all calls with this token, and with those that take its place. */
  @Omittable()
  @IsReference()
  tokenId?: string;

  @IsString()
  @Length(1, 1_000)
  reason!: string;

  /** When it ends by itself: 90 days from now at most. */
  @IsTime()
  @ApiProperty({ type: String, format: 'date-time' })
  expiresAt!: string;
}

export class ListApprovalsQuery extends PageQuery {}

const APPROVAL_STATUSES = ['active', 'expired', 'revoked'] as const;

export class ApprovalDto {
  id!: string;
  policyId!: string;
  @ApiProperty({ type: String, nullable: true })
  workspaceId!: string | null;
  @ApiProperty({ type: String, nullable: true })
  tokenId!: string | null;
  reason!: string;
  @ApiProperty({ enum: APPROVAL_STATUSES })
  status!: (typeof APPROVAL_STATUSES)[number];
  @ApiProperty({ format: 'date-time' })
  expiresAt!: string;
  /** `usr_…` or `tok_…` */
  createdBy!: string;
  @ApiProperty({ format: 'date-time' })
  createdAt!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  revokedAt!: string | null;
}

export class ApprovalPageDto {
  @ApiProperty({ type: () => [ApprovalDto] })
  data!: ApprovalDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
  hasMore!: boolean;
}

export class DryRunDto {
  @ValidateNested()
  @Type(() => PolicyScopeDto)
  scope!: PolicyScopeDto;

  @IsIn(POLICY_SEVERITIES)
  @ApiProperty({ enum: POLICY_SEVERITIES })
  severity!: PolicySeverity;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(20)
  @ValidateNested({ each: true })
  @Type(() => PolicyRuleDto)
  @ApiProperty({ type: () => [PolicyRuleDto] })
  rules!: PolicyRuleDto[];

  /** Runs that started since then; the last seven days unless told. */
  @Omittable()
  @IsTime()
  @ApiPropertyOptional({ type: String, format: 'date-time' })
  since?: string;
}

export class DryRunRuleDto {
  @ApiProperty({ type: 'integer' })
  index!: number;
  @ApiProperty({ enum: POLICY_RULE_TYPES })
  type!: PolicyRuleType;
  /** Runs that break it. */
  @ApiProperty({ type: 'integer' })
  matched!: number;
  /** Runs of which too little is kept to say. */
  @ApiProperty({ type: 'integer' })
  notJudged!: number;
}

export class DryRunSampleDto {
  runId!: string;
  workspaceId!: string;
  @ApiProperty({ format: 'date-time' })
  at!: string;
  provider!: string;
  model!: string;
  @ApiProperty({ type: 'integer' })
  ruleIndex!: number;
  detail!: string;
}

export class DryRunResultDto {
  @ApiProperty({ format: 'date-time' })
  since!: string;
  /** What would have come of each. */
  @ApiProperty({ enum: VIOLATION_ACTIONS })
  action!: ViolationAction;
  /** How many runs were looked at. */
  @ApiProperty({ type: 'integer' })
  runs!: number;
  /** Runs that were left out because the caller may not read them: their answers, where a rule reads those. */
  @ApiProperty({ type: 'integer' })
  notLookedAt!: number;
  /** There are more runs than are looked at: these are the newest. */
  truncated!: boolean;
  /** How many of them break at least one rule. */
  @ApiProperty({ type: 'integer' })
  matched!: number;
  @ApiProperty({ type: () => [DryRunRuleDto] })
  rules!: DryRunRuleDto[];
  /** The newest of those that would. */
  @ApiProperty({ type: () => [DryRunSampleDto] })
  samples!: DryRunSampleDto[];
}
