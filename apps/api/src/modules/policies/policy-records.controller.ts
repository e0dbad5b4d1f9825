import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CurrentPrincipal, RequiresPermission, type Principal } from '#lib/access';
import { WhileRestored } from '../../restored/while-restored.js';
import { ApprovalsService } from './approvals.service.js';
import { DryRunService } from './dry-run.service.js';
import {
  ApprovalDto,
  ApprovalPageDto,
  CreateApprovalDto,
  DryRunDto,
  DryRunResultDto,
  ListApprovalsQuery,
  ListViolationsQuery,
  PolicyViolationPageDto,
} from './policy-records.dto.js';
import { ViolationsService } from './violations.service.js';

@Controller('policies')
export class PolicyRecordsController {
  constructor(
    private readonly violations: ViolationsService,
    private readonly approvals: ApprovalsService,
    private readonly dryRuns: DryRunService,
  ) {}

  /** What broke policies, newest first. */
  @Get('violations')
  @RequiresPermission('policies:ListViolations')
  listViolations(
    @CurrentPrincipal() principal: Principal,
    @Query() query: ListViolationsQuery,
  ): Promise<PolicyViolationPageDto> {
    return this.violations.list(principal, query);
  }

  /** Says which recent runs a policy like this would have met, from what is kept of them. Changes nothing. */
  @Post('dry-run')
  @HttpCode(200)
  @WhileRestored()
  @RequiresPermission('policies:DryRunPolicy')
  dryRun(@CurrentPrincipal() principal: Principal, @Body() body: DryRunDto): Promise<DryRunResultDto> {
    return this.dryRuns.run(principal, body);
  }

  /** The exceptions from a policy, those that have ended included. */
  @Get(':policyId/approvals')
  @RequiresPermission('policies:ListApprovals')
  listApprovals(
    @CurrentPrincipal() principal: Principal,
    @Param('policyId') policyId: string,
    @Query() query: ListApprovalsQuery,
  ): Promise<ApprovalPageDto> {
    return this.approvals.list(principal, policyId, query);
  }

  /** Lifts a policy for one workspace or one token, until a time. */
  @Post(':policyId/approvals')
  @RequiresPermission('policies:CreateApproval')
  approve(
    @CurrentPrincipal() principal: Principal,
    @Param('policyId') policyId: string,
    @Body() body: CreateApprovalDto,
  ): Promise<ApprovalDto> {
    return this.approvals.create(principal, policyId, body);
  }

  /** Ends an exception now: the policy holds again for calls that start 2 s later. */
  @Delete(':policyId/approvals/:approvalId')
  @HttpCode(204)
  @WhileRestored()
  @RequiresPermission('policies:RevokeApproval')
  revokeApproval(
    @CurrentPrincipal() principal: Principal,
    @Param('policyId') policyId: string,
    @Param('approvalId') approvalId: string,
  ): Promise<void> {
    return this.approvals.revoke(principal, policyId, approvalId);
  }
}
