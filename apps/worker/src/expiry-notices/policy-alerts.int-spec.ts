import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newUuid, toUuid } from '#lib/kernel';
import { PgPool, PolicyAlertStore } from '#lib/persistence';
import { makeTenant, startTestDatabase, type TenantFixture, type TestDatabase } from '#lib/testing';

describe('#46 a policy of severity MEDIUM alerts', () => {
  let database: TestDatabase;
  let superuser: PgPool;
  let pools: PgPool[];
  let tenant: TenantFixture;
  let policy: string;

  beforeAll(async () => {
    database = await startTestDatabase();
    superuser = new PgPool({ databaseUrl: database.superuserUrl, max: 2 });
    pools = [1, 2].map(() => new PgPool({ databaseUrl: database.workerUrl, max: 2 }));
  });
  afterAll(async () => {
    await Promise.all([...pools, superuser].map((pool) => pool.close()));
    await database.stop();
  });
  beforeEach(async () => {
    tenant = await makeTenant(database.superuserUrl);
    policy = newUuid();
    await superuser.query(
      `INSERT INTO policies (org_id, id, name, description, severity, enabled, rules)
       VALUES ($1, $2, 'No big models', '', 'MEDIUM', true, '[]')`,
      [toUuid(tenant.orgId), policy],
    );
  });

  const broken = (action: 'logged' | 'alerted' | 'blocked', ago = '0 days') =>
    superuser.query(
      `INSERT INTO policy_violations (org_id, id, policy_id, policy_name, policy_version, scope, severity, action, rule_index,
         rule_type, detail, workspace_id, principal_id, request_id, created_at)
       VALUES ($1, $2, $3, 'No big models', 1, 'organization', 'MEDIUM', $4, 0, 'models', 'd', $5, 'usr_x', 'req_x',
         now() - $6::interval)`,
      [toUuid(tenant.orgId), newUuid(), policy, action, toUuid(tenant.workspaceId), ago],
    );
  /** Two workers look at the same moment, twice. */
  const look = async () => {
    for (let time = 0; time < 2; time += 1)
      await Promise.all(pools.map((pool) => new PolicyAlertStore(pool).run()));
  };
  const told = async () => {
    const { rows } = await superuser.query<{ kind: string; level: string }>(
      'SELECT kind, level FROM notices WHERE org_id = $1 AND policy_id = $2 ORDER BY id',
      [toUuid(tenant.orgId), policy],
    );
    return rows.map(({ kind, level }) => `${kind} ${level}`);
  };

  it('with one notice and one audit row a day, however many calls broke it and however many workers look', async () => {
    await broken('alerted');
    await broken('alerted');
    await look();
    await broken('alerted');
    await look();
    expect(await told()).toEqual(['policy.alerted warning']);
    const { rows } = await superuser.query<{ change: { calls: number } }>(
      `SELECT change FROM audit_events WHERE org_id = $1 AND action = 'notices:CreateNotice'`,
      [toUuid(tenant.orgId)],
    );
    expect(rows.map(({ change }) => change.calls)).toEqual([2]);
  });

  it('again on the next day that it is broken', async () => {
    await broken('alerted');
    await look();
    await superuser.query('UPDATE notices SET policy_day = policy_day - 1 WHERE policy_id = $1', [policy]);
    await look();
    expect(await told()).toHaveLength(2);
  });

  it('not for what is only logged, nor for what was refused, nor for calls of yesterday', async () => {
    await broken('logged');
    await broken('blocked');
    await broken('alerted', '1 day');
    await look();
    expect(await told()).toEqual([]);
  });

  it('and its notices end with it', async () => {
    await broken('alerted');
    await look();
    await superuser.query('DELETE FROM policies WHERE id = $1', [policy]);
    await look();
    expect(await told()).toEqual([]);
  });
});
