import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CurrentPrincipal, ListsRows, RequiresPermission, type Principal } from '#lib/access';
import { Conditional, IfMatch } from '../../common/if-match.js';
import { withETag } from '../../common/tagged.js';
import { only, WhileRestored } from '../../restored/while-restored.js';
import {
  CreatePolicyDto,
  ListPoliciesQuery,
  ListPolicyVersionsQuery,
  PolicyDto,
  PolicyPageDto,
  PolicyVersionPageDto,
  UpdatePolicyDto,
} from './policies.dto.js';
import { PoliciesService } from './policies.service.js';

@Controller('policies')
export class PoliciesController {
  constructor(private readonly policies: PoliciesService) {}

  /** Lists the policies of the organization, with how often each was broken. */
  @Get()
  @ListsRows()
  @RequiresPermission('policies:ListPolicies')
  list(@CurrentPrincipal() principal: Principal, @Query() query: ListPoliciesQuery): Promise<PolicyPageDto> {
    return this.policies.list(principal, query);
  }

  /** Makes a policy. It holds for every call that starts 2 s after the answer. */
  @Post()
  // A policy that refuses only takes away.
  @WhileRestored(({ severity, enabled }) => severity === 'HIGH' && enabled !== false)
  @RequiresPermission('policies:CreatePolicy')
  create(
    @CurrentPrincipal() principal: Principal,
    @Body() body: CreatePolicyDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PolicyDto> {
    return withETag(reply, this.policies.create(principal, body));
  }

  @Get(':policyId')
  @RequiresPermission('policies:GetPolicy')
  get(
    @CurrentPrincipal() principal: Principal,
    @Param('policyId') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PolicyDto> {
    return withETag(reply, this.policies.get(principal, id));
  }

  /** Changes what is sent, as a new version; an omitted field keeps its value. */
  @Patch(':policyId')
  @WhileRestored(only('enabled', true))
  @Conditional()
  @RequiresPermission('policies:UpdatePolicy')
  update(
    @CurrentPrincipal() principal: Principal,
    @Param('policyId') id: string,
    @Body() body: UpdatePolicyDto,
    @Res({ passthrough: true }) reply: FastifyReply,
    @IfMatch() ifMatch?: string,
  ): Promise<PolicyDto> {
    return withETag(reply, this.policies.update(principal, id, body, ifMatch));
  }

  /** Deletes it with its exceptions; its violations stay on record. */
  @Delete(':policyId')
  @Conditional()
  @HttpCode(204)
  @RequiresPermission('policies:DeletePolicy')
  delete(
    @CurrentPrincipal() principal: Principal,
    @Param('policyId') id: string,
    @IfMatch() ifMatch?: string,
  ): Promise<void> {
    return this.policies.delete(principal, id, ifMatch);
  }

  /** What the policy was, who made it so and when, newest first. */
  @Get(':policyId/versions')
  @RequiresPermission('policies:ListPolicyVersions')
  versions(
    @CurrentPrincipal() principal: Principal,
    @Param('policyId') id: string,
    @Query() query: ListPolicyVersionsQuery,
  ): Promise<PolicyVersionPageDto> {
    return this.policies.versions(principal, id, query);
  }
}
