import {
  policiesCreate,
  policiesDelete,
  policiesList,
  policiesUpdate,
  policiesVersions,
  policyRecordsApprove,
  policyRecordsDryRun,
  policyRecordsListApprovals,
  policyRecordsListViolations,
  policyRecordsRevokeApproval,
} from '../generated/api/sdk.gen';
import { answer, done } from './http';
import { allPages } from './paging';
import type {
  NewPolicy,
  Policy,
  PolicyApproval,
  PolicyDraft,
  PolicyDryRun,
  PolicyVersion,
  PolicyViolation,
} from './types';

/** How many of the newest violations a page shows. */
const NEWEST = 50;

export function listPolicies(): Promise<Policy[]> {
  return allPages((cursor) => answer(policiesList({ query: { limit: 200, cursor } })));
}

export function createPolicy(body: NewPolicy): Promise<Policy> {
  return answer(policiesCreate({ body }));
}

export function updatePolicy({ id, version }: Policy, body: NewPolicy): Promise<Policy> {
  const headers = { 'if-match': `"${id}-${version}"` };
  return answer(policiesUpdate({ path: { policyId: id }, body, headers }));
}

export function deletePolicy(id: string): Promise<void> {
  return done(policiesDelete({ path: { policyId: id } }));
}

export function listPolicyVersions(id: string): Promise<PolicyVersion[]> {
  return allPages((cursor) =>
    answer(policiesVersions({ path: { policyId: id }, query: { limit: 200, cursor } })),
  );
}

export async function newestViolations(): Promise<PolicyViolation[]> {
  return (await answer(policyRecordsListViolations({ query: { limit: NEWEST } }))).data;
}

export function dryRunPolicy({ scope, severity, rules }: PolicyDraft): Promise<PolicyDryRun> {
  return answer(policyRecordsDryRun({ body: { scope, severity, rules } }));
}

export function listApprovals(id: string): Promise<PolicyApproval[]> {
  return allPages((cursor) =>
    answer(policyRecordsListApprovals({ path: { policyId: id }, query: { limit: 200, cursor } })),
  );
}

export function approve(
  id: string,
  body: { workspaceId?: string; tokenId?: string; reason: string; expiresAt: string },
): Promise<PolicyApproval> {
  return answer(policyRecordsApprove({ path: { policyId: id }, body }));
}

export function revokeApproval(id: string, approvalId: string): Promise<void> {
  return done(policyRecordsRevokeApproval({ path: { policyId: id, approvalId } }));
}
