import type { Policy } from '#lib/contracts';
import { etagOf } from '#lib/http';
import type { Tagged } from '../../common/tagged.js';
import type { PolicyDto, PolicyVersionDto } from './policies.dto.js';
import type { PolicyCounts, PolicyVersion } from './policy.js';

export function dtoOf(policy: Policy, counts: PolicyCounts): PolicyDto {
  const { createdAt, updatedAt, ...rest } = policy;
  return {
    ...rest,
    rules: policy.rules,
    violationCount: counts.violations,
    lastViolationAt: counts.lastViolationAt?.toISOString() ?? null,
    approvalCount: counts.approvals,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

export function tagged(policy: Policy, counts: PolicyCounts): Tagged<PolicyDto> {
  return { body: dtoOf(policy, counts), etag: etagOf(policy.id, policy.version) };
}

export function versionDtoOf({ changedAt, ...version }: PolicyVersion): PolicyVersionDto {
  return { ...version, changedAt: changedAt.toISOString() };
}
