import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toUuid } from '#lib/kernel';
import { withSuperuser } from '../support/members.js';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';
import { inDays } from '../support/times.js';

const POLICY = {
  scope: { type: 'organization' },
  severity: 'LOW',
  rules: [{ type: 'models', deny: ['zz'] }],
};
const AT_ONCE = Array.from({ length: 12 }, (_, at) => at);

describe('#46 what every authorisation reads has a limit that parallel requests cannot pass', () => {
  let api: TestApi;
  let owner: Person;
  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
  });
  afterAll(() => api.stop());
  const statuses = (answers: { status: number }[]) => answers.map(({ status }) => status).sort();
  const twoOf = [201, 201, ...AT_ONCE.slice(2).map(() => 409)];

  it('200 policies', async () => {
    await withSuperuser(api, (pool) =>
      pool.query(
        `INSERT INTO policies (org_id, id, name, description, severity, enabled, rules)
         SELECT $1, gen_random_uuid(), 'p' || g, '', 'LOW', true, $2::jsonb FROM generate_series(1, 198) g`,
        [toUuid(owner.orgId), JSON.stringify(POLICY.rules)],
      ),
    );
    const answers = await Promise.all(
      AT_ONCE.map((at) => owner.post('/policies', { ...POLICY, name: `r${at}` })),
    );
    expect(statuses(answers)).toEqual(twoOf);
    expect(answers.find(({ status }) => status === 409)?.body.detail).toContain('200');
  });

  it('#49 100 exceptions in force of one policy; those that are over count no more', async () => {
    const other = await api.owner();
    const { id } = (await other.post('/policies', { ...POLICY, name: 'One' })).body;
    await withSuperuser(api, (pool) =>
      pool.query(
        `INSERT INTO policy_approvals (org_id, id, policy_id, workspace_id, reason, expires_at, created_by)
         SELECT $1, gen_random_uuid(), $2, $3, 'r', now() + (CASE WHEN g > 98 THEN -1 ELSE 1 END) * interval '1 day', 'usr'
         FROM generate_series(1, 110) g`,
        [toUuid(other.orgId), toUuid(id), toUuid(other.workspaceId)],
      ),
    );
    const body = { workspaceId: other.workspaceId, reason: 'r', expiresAt: inDays(30) };
    const answers = await Promise.all(AT_ONCE.map(() => other.post(`/policies/${id}/approvals`, body)));
    expect(statuses(answers)).toEqual(twoOf);
    expect(answers.find(({ status }) => status === 409)?.body.detail).toContain('100');
  });
});
