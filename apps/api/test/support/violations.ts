import { newUuid, toUuid } from '#lib/kernel';
import { withSuperuser } from './members.js';
import type { Person } from './person.js';
import type { TestApi } from './test-api.js';

/** Writes a violation as the engine does; nothing of the control plane makes one. */
export async function addViolation(
  api: TestApi,
  { orgId, workspaceId, userId }: Person,
  policyId: string,
  { severity = 'HIGH', action = 'blocked', detail = 'The call did.' } = {},
): Promise<void> {
  await withSuperuser(api, (pool) =>
    pool.query(
      `INSERT INTO policy_violations (org_id, id, policy_id, policy_name, policy_version, scope, severity, action, rule_index,
         rule_type, detail, workspace_id, principal_id, request_id)
       VALUES ($1, $2, $3, 'as it was', 1, 'organization', $4, $5, 0, 'models', $6, $7, $8, 'req_x')`,
      [toUuid(orgId), newUuid(), toUuid(policyId), severity, action, detail, toUuid(workspaceId), userId],
    ),
  );
}
