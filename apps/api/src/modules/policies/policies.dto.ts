import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsString,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { POLICY_SEVERITIES, type PolicySeverity } from '#lib/contracts';
import { PageQuery } from '#lib/http';
import { IsName, IsReference, Omittable } from '../../common/fields.js';
import { PolicyRuleDto } from './policy-rule.dto.js';

export const SCOPE_TYPES = ['organization', 'workspace', 'token'] as const;
export type ScopeType = (typeof SCOPE_TYPES)[number];

/** What a policy covers. A lower scope adds to the ones above it and never overrides them. */
export class PolicyScopeDto {
  @IsIn(SCOPE_TYPES)
  @ApiProperty({ enum: SCOPE_TYPES })
  type!: ScopeType;

  /** `ws_…` or `tok_…`; none for the whole organization. */
  @Omittable()
  @IsReference()
  id?: string;
}

export class CreatePolicyDto {
  @IsName()
  name!: string;

  @Omittable()
  @IsString()
  @MaxLength(1_000)
  description?: string;

  @ValidateNested()
  @Type(() => PolicyScopeDto)
  scope!: PolicyScopeDto;

  /** LOW: a violation is logged. MEDIUM: it is logged and told. HIGH: the call is refused. */
  @IsIn(POLICY_SEVERITIES)
  @ApiProperty({ enum: POLICY_SEVERITIES })
  severity!: PolicySeverity;

  /** true unless told. */
  @Omittable()
  @IsBoolean()
  enabled?: boolean;

  /** Each of them holds. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(20)
  @ValidateNested({ each: true })
  @Type(() => PolicyRuleDto)
  @ApiProperty({ type: () => [PolicyRuleDto] })
  rules!: PolicyRuleDto[];
}

const CLEARABLE = ['description'] as const;

export class UpdatePolicyDto {
  @Omittable()
  @IsName()
  name?: string;

  @Omittable()
  @IsString()
  @MaxLength(1_000)
  description?: string;

  @Omittable()
  @ValidateNested()
  @Type(() => PolicyScopeDto)
  @ApiPropertyOptional({ type: () => PolicyScopeDto })
  scope?: PolicyScopeDto;

  @Omittable()
  @IsIn(POLICY_SEVERITIES)
  @ApiPropertyOptional({ enum: POLICY_SEVERITIES })
  severity?: PolicySeverity;

  @Omittable()
  @IsBoolean()
  enabled?: boolean;

  /** All rules: what is not listed is taken away. */
  @Omittable()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(20)
  @ValidateNested({ each: true })
  @Type(() => PolicyRuleDto)
  @ApiPropertyOptional({ type: () => [PolicyRuleDto] })
  rules?: PolicyRuleDto[];

  /** Fields to remove; a field that is neither sent nor named here keeps its value. */
  @Omittable()
  @IsArray()
  @IsIn(CLEARABLE, { each: true })
  @ApiPropertyOptional({ enum: CLEARABLE, isArray: true })
  clear?: (typeof CLEARABLE)[number][];
}

export class ListPoliciesQuery extends PageQuery {}

export class PolicyDto {
  id!: string;
  orgId!: string;
  name!: string;
  description!: string;
  @ApiProperty({ type: () => PolicyScopeDto })
  scope!: PolicyScopeDto;
  @ApiProperty({ enum: POLICY_SEVERITIES })
  severity!: PolicySeverity;
  enabled!: boolean;
  @ApiProperty({ type: () => [PolicyRuleDto] })
  rules!: PolicyRuleDto[];
  /** Goes up with every change. */
  @ApiProperty({ type: 'integer' })
  version!: number;
  /** Violations of the last 30 days. */
  @ApiProperty({ type: 'integer' })
  violationCount!: number;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  lastViolationAt!: string | null;
  /** Exceptions that are in force. */
  @ApiProperty({ type: 'integer' })
  approvalCount!: number;
  @ApiProperty({ format: 'date-time' })
  createdAt!: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt!: string;
}

export class PolicyPageDto {
  @ApiProperty({ type: () => [PolicyDto] })
  data!: PolicyDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
  hasMore!: boolean;
}

export class PolicyVersionDto {
  @ApiProperty({ type: 'integer' })
  version!: number;
  name!: string;
  description!: string;
  @ApiProperty({ type: () => PolicyScopeDto })
  scope!: PolicyScopeDto;
  @ApiProperty({ enum: POLICY_SEVERITIES })
  severity!: PolicySeverity;
  enabled!: boolean;
  @ApiProperty({ type: () => [PolicyRuleDto] })
  rules!: PolicyRuleDto[];
  /** `usr_…` or `tok_…` */
  changedBy!: string;
  @ApiProperty({ format: 'date-time' })
  changedAt!: string;
}

export class ListPolicyVersionsQuery extends PageQuery {}

export class PolicyVersionPageDto {
  @ApiProperty({ type: () => [PolicyVersionDto] })
  data!: PolicyVersionDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
  hasMore!: boolean;
}
