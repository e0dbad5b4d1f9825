import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toUuid } from '#lib/kernel';
import { withSuperuser } from '../support/members.js';
import type { Person } from '../support/person.js';
import { joinAs, joinPending } from '../support/team.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

/** Tables in which the changes below would leave a trace. */
const TABLES = [
  'users',
  'orgs',
  'members',
  'invites',
  'tokens',
  'workspaces',
  'plan_counters',
  'audit_events',
  'outbox_events',
];

describe('business row, audit row and outbox event share one transaction', () => {
  let api: TestApi;
  let owner: Person;
  let changes: [string, () => Promise<{ status: number }>][];

  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
    const member = await joinAs(api, owner, 'MEMBER');
    const waiting = await joinPending(api, owner, 'MEMBER');
    const invite = (await owner.post('/invites', {})).body;
    const token = (await owner.post('/tokens', { name: 'Token', kind: 'api' })).body;
    const account = { email: 'new@example.test', password: 'correct horse battery', name: 'New' };
    changes = [
      ['sign-up', () => api.stranger().post('/auth/signup', { ...account, orgName: 'New' })],
      ['renaming the organization', () => owner.patch(`/orgs/${owner.orgId}`, { name: 'Renamed' })],
      ['approving a member', () => owner.post(`/members/${waiting.memberId}/approve`, {})],
      ['changing a role', () => owner.patch(`/members/${member.memberId}`, { role: 'ADMIN' })],
      ['removing a member', () => owner.delete(`/members/${member.memberId}`)],
      ['making an invite', () => owner.post('/invites', {})],
      ['accepting an invite', () => api.stranger().post(`/invites/${invite.token}/accept`, account)],
      ['switching an invite off', () => owner.patch(`/invites/${invite.id}`, { enabled: false })],
      ['deleting an invite', () => owner.delete(`/invites/${invite.id}`)],
      ['making a token', () => owner.post('/tokens', { name: 'Another', kind: 'api' })],
      ['rolling a token', () => owner.post(`/tokens/${token.id}/roll`, { overlapSeconds: 60 })],
      ['revoking a token', () => owner.delete(`/tokens/${token.id}`)],
      [
        'changing the password',
        () =>
          owner.post('/auth/password', {
            currentPassword: account.password,
            newPassword: 'another good one',
          }),
      ],
    ];
  });
  afterAll(() => api.stop());

  const rows = (): Promise<unknown> =>
    withSuperuser(api, async (pool) => {
      const found: Record<string, unknown> = {};
      for (const table of TABLES) {
        const { rows: all } = await pool.query(
          `SELECT to_jsonb(t) - 'last_used_at' AS row FROM ${table} t ORDER BY 1`,
        );
        found[table] = all;
      }
      return found;
    });
  const alter = (statement: string) => withSuperuser(api, (pool) => pool.query(statement));
  const FUNCTION = 'lookup.audit_append(uuid, text, text, text, text, text, jsonb)';

  it('where the audit row cannot be written, nothing is', async () => {
    await alter(`REVOKE EXECUTE ON FUNCTION ${FUNCTION} FROM claviger_api`);
    const before = await rows();
    for (const [what, change] of changes) expect([what, (await change()).status]).toEqual([what, 500]);
    expect(await rows()).toEqual(before);
    await alter(`GRANT EXECUTE ON FUNCTION ${FUNCTION} TO claviger_api`);
  });

  it('where the outbox event cannot be written, nothing is', async () => {
    await alter('REVOKE INSERT ON outbox_events FROM claviger_api');
    const before = await rows();
    for (const [what, change] of changes) expect([what, (await change()).status]).toEqual([what, 500]);
    expect(await rows()).toEqual(before);
    await alter('GRANT INSERT ON outbox_events TO claviger_api');
  });

  it('where both can, every change leaves one of each', async () => {
    const count = async () =>
      withSuperuser(api, async (pool) => {
        const sql = `SELECT (SELECT count(*)::int FROM audit_events WHERE org_id = $1) AS audit,
                            (SELECT count(*)::int FROM outbox_events WHERE org_id = $1) AS outbox`;
        return (await pool.query<{ audit: number; outbox: number }>(sql, [toUuid(owner.orgId)])).rows[0]!;
      });
    for (const [what, change] of changes.slice(1)) {
      const before = await count();
      expect([what, (await change()).status < 300]).toEqual([what, true]);
      const after = await count();
      expect([what, after.audit - before.audit, after.outbox - before.outbox]).toEqual([what, 1, 1]);
    }
  });
});
