import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newUuid, toUuid } from '#lib/kernel';
import { PgPool, PolicyAlertStore } from '#lib/persistence';
import type { Person } from '../support/person.js';
import { joinAs } from '../support/team.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

describe('#46 notices of policies that alert', () => {
  let api: TestApi;
  let owner: Person;
  let policyId: string;
  let superuser: PgPool;

  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
    superuser = new PgPool({ databaseUrl: api.database.superuserUrl, max: 1 });
    const policy = {
      ...{ name: 'No big models', scope: { type: 'organization' }, severity: 'MEDIUM' },
      rules: [{ type: 'models', deny: ['*'] }],
    };
    policyId = (await owner.post('/policies', policy)).body.id;
    await breakIt();
  });
  afterAll(async () => {
    await superuser.close();
    await api.stop();
  });

  /** As the engine and then the worker do. */
  async function breakIt(): Promise<void> {
    await superuser.query(
      `INSERT INTO policy_violations (org_id, id, policy_id, policy_name, policy_version, scope, severity, action, rule_index,
         rule_type, detail, workspace_id, principal_id, request_id)
       VALUES ($1, $2, $3, 'No big models', 1, 'organization', 'MEDIUM', 'alerted', 0, 'models', 'd', $4, 'usr_x', 'req_x')`,
      [toUuid(owner.orgId), newUuid(), toUuid(policyId), toUuid(owner.workspaceId)],
    );
    const pool = new PgPool({ databaseUrl: api.database.workerUrl, max: 1 });
    await new PolicyAlertStore(pool).run();
    await pool.close();
  }
  const open = async (who: Person) => (await who.get('/notices')).body.data;

  it('come to OWNERs and ADMINs, who answer for policies, and to no MEMBER', async () => {
    const notice = {
      kind: 'policy.alerted',
      level: 'warning',
      subjectId: policyId,
      subjectName: 'No big models',
    };
    expect(await open(owner)).toMatchObject([{ ...notice, expiresAt: null, threshold: null }]);
    expect(await open(await joinAs(api, owner, 'ADMIN'))).toMatchObject([notice]);
    const member = await (await joinAs(api, owner, 'MEMBER')).get('/notices');
    expect(member.status === 403 || member.body.data.length === 0).toBe(true);
    expect(await open(await api.owner())).toEqual([]);
  });

  it('are of the newest day alone, end when an OWNER dismisses them, and come again on the next day', async () => {
    await superuser.query('UPDATE notices SET policy_day = policy_day - 1 WHERE policy_id = $1', [
      toUuid(policyId),
    ]);
    await breakIt();
    const [notice, ...others] = await open(owner);
    expect(others).toEqual([]);
    expect((await owner.post(`/notices/${notice.id}/dismiss`)).status).toBe(204);
    expect(await open(owner)).toEqual([]);
    const { body } = await owner.get('/audit-events?action=notices:DismissNotice');
    expect(body.data).toMatchObject([{ target: notice.id, change: { policyId } }]);
  });
});
