import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newUuid, toUuid } from '#lib/kernel';
import { appendAudit, destroyOrg, PgPool, PurgeStore, TenantDb, verifyAuditChain } from '#lib/persistence';
import { makeTenant, startTestDatabase, type TenantFixture, type TestDatabase } from '#lib/testing';

/** What outlives an organization, each table for its reason (ADR 0015). Every other tenant table is empty after the purge. */
const KEPT: Record<string, string> = {
  audit_events: 'the history is kept (PRODUCT #25), and nothing can delete from it',
  audit_heads: 'end of the chain',
  audit_checkpoints: 'signed proof of the chain',
  agent_runs: 'what a receipt refers to, emptied of what people and programs wrote',
  usage_records: 'receipts',
  usage_days: 'receipts, added up',
  usage_daily: 'the same, by workers of the release before',
  org_deletions: 'says that there was such an organization, and when it ended',
};

describe('the purge of a deleted organization', () => {
  let database: TestDatabase;
  let superuser: PgPool;
  let pools: PgPool[];
  let db: TenantDb;
  let tenant: TenantFixture;
  let neighbour: TenantFixture;

  beforeAll(async () => {
    database = await startTestDatabase();
    superuser = new PgPool({ databaseUrl: database.superuserUrl, max: 2 });
    pools = [1, 2].map(() => new PgPool({ databaseUrl: database.workerUrl, max: 2 }));
    db = new TenantDb({ databaseUrl: database.apiUrl, max: 2 });
  });
  afterAll(async () => {
    await Promise.all([...pools, superuser].map((pool) => pool.close()));
    await db.close();
    await database.stop();
  });
  beforeEach(async () => {
    [tenant, neighbour] = [await makeTenant(database.superuserUrl), await makeTenant(database.superuserUrl)];
    for (const each of [tenant, neighbour]) await fill(each);
    await db.withOrgAlone(tenant.orgId, async (tx) => {
      await destroyOrg(tx, { orgId: tenant.orgId, deletedBy: tenant.ownerId, deletedAt: new Date() });
      const entry = {
        orgId: tenant.orgId,
        actor: tenant.ownerId,
        action: 'orgs:DeleteOrg',
        target: tenant.orgId,
      };
      await appendAudit(tx, { ...entry, requestId: 'req', ip: null, change: {} });
    });
  });

  async function fill(of: TenantFixture): Promise<void> {
    const [org, ws, key, run] = [
      toUuid(of.orgId),
      toUuid(of.workspaceId),
      toUuid(of.aiProviderId),
      newUuid(),
    ];
    const insert = (text: string, ...values: unknown[]) => superuser.query(text, [org, ...values]);
    await insert(
      `INSERT INTO agent_runs (org_id, id, workspace_id, node_execution_id, request_hash, principal_id, user_id, status, result, asked)
       VALUES ($1, $2, $3, 'node', 'h', 'tok_x', 'jane', 'succeeded', '{"text": "said in confidence"}',
         '{"system": "asked in confidence"}')`,
      ...[run, ws],
    );
    await insert(
      `INSERT INTO usage_records (org_id, id, run_id, workspace_id, provider_key_id, key_version, provider, model,
         principal_id, user_id, workflow_id, outcome, input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cost_micro_usd)
       SELECT $1, gen_random_uuid(), $2, $3, $4, 1, 'openai', 'm', 'tok_x', 'jane', 'flow', 'succeeded', 1, 1, 0, 0, 7
       FROM generate_series(1, 7)`,
      ...[run, ws, key],
    );
    await insert(`SELECT lookup.roll_up_usage(100, 30) WHERE $1::uuid IS NOT NULL`);
    await insert(`INSERT INTO usage_daily VALUES ($1, '2026-11-21', $2, $3, 'm', 7, 7, 7, 49)`, ws, key);
    await insert(`INSERT INTO provider_gates SELECT $1, 'p' || n, false FROM generate_series(1, 25) n`);
    await insert(`INSERT INTO model_aliases VALUES ($1, $2, $3, 'fast', '{gpt-5}')`, newUuid(), ws);
    await insert(`INSERT INTO model_aliases VALUES ($1, $2, NULL, 'fast', '{gpt-5}')`, newUuid());
    await insert(`INSERT INTO plan_counters VALUES ($1, 'keys', 1)`);
    await insert(`INSERT INTO idempotency_keys VALUES ($1, 'p', 'r', 'k', 'h', 201, '{}')`);
    await insert(`INSERT INTO outbox_events VALUES ($1, $2, 'org.created', '{}')`, newUuid());
    await insert(
      `INSERT INTO notices VALUES ($1, $2, 'aiProvider.expiring', $3, 'info', now(), 30, now())`,
      ...[newUuid(), key],
    );
    const mcp = newUuid();
    await insert(`INSERT INTO mcp_servers (org_id, id, name, url) VALUES ($1, $2, 'm', 'https://m')`, mcp);
    await insert(
      `INSERT INTO mcp_assignments (org_id, workspace_id, mcp_server_id) VALUES ($1, $2, $3)`,
      ws,
      mcp,
    );
    const [webhook, signing] = [newUuid(), newUuid()];
    await insert(
      `INSERT INTO secrets (org_id, id, name, purpose, mask, current_version) VALUES ($1, $2, 'w', 'webhook', '…', 1)`,
      signing,
    );
    await insert(
      `INSERT INTO webhooks (org_id, id, name, url, events, secret_id, created_by)
       VALUES ($1, $2, 'w', 'https://w', '{run.finished}', $3, $2)`,
      ...[webhook, signing],
    );
    await insert(
      `INSERT INTO webhook_deliveries (org_id, id, webhook_id, message, type, ids, occurred_at, next_attempt_at)
       SELECT $1, gen_random_uuid(), $2, gen_random_uuid(), 'run.finished', '{}', now(), now() FROM generate_series(1, 7)`,
      webhook,
    );
    const quota = newUuid();
    await insert(
      `INSERT INTO quotas (org_id, id, name, metric, period, max, mode, thresholds)
       VALUES ($1, $2, 'q', 'runs', 'day', 9, 'enforce', '{50}')`,
      quota,
    );
    await insert(`INSERT INTO quota_counters VALUES ($1, $2, now(), 1, 2)`, quota);
    await insert(
      `INSERT INTO quota_reservations VALUES ($1, $2, $3, 1, 'openai', 'm', NULL, 1, 1, 1, now())`,
      ...[run, key],
    );
    await insert(`INSERT INTO quota_holds VALUES ($1, $2, $3, now(), 1)`, run, quota);
    await insert(`INSERT INTO run_requests VALUES ($1, $2, 'token', 'h', '{"said": "in confidence"}')`, run);
    await insert(`INSERT INTO run_events VALUES ($1, $2, 1, 1, '["said in confidence"]')`, run);
    await insert(
      `INSERT INTO notices (org_id, id, kind, quota_id, threshold, quota_max, window_start, level, created_at)
       VALUES ($1, $2, 'quota.threshold', $3, 50, 9, now(), 'info', now())`,
      ...[newUuid(), quota],
    );
    await insert(`INSERT INTO price_overrides VALUES ($1, $2, 'openai', 'm', 1, 1, NULL, now())`, newUuid());
    const policy = newUuid();
    await insert(
      `INSERT INTO policies (org_id, id, name, description, severity, enabled, rules)
       VALUES ($1, $2, 'p', '', 'LOW', true, '[]')`,
      policy,
    );
    await insert(
      `INSERT INTO policy_versions (org_id, policy_id, version, name, description, severity, enabled, rules, changed_by)
       VALUES ($1, $2, 1, 'p', '', 'LOW', true, '[]', 'usr_x')`,
      policy,
    );
    await insert(
      `INSERT INTO policy_approvals (org_id, id, policy_id, workspace_id, reason, expires_at, created_by)
       VALUES ($1, $2, $3, $4, 'said in confidence', now(), 'usr_x')`,
      ...[newUuid(), policy, ws],
    );
    await insert(
      `INSERT INTO policy_violations (org_id, id, policy_id, policy_name, policy_version, scope, severity, action, rule_index,
         rule_type, detail, workspace_id, principal_id, request_id)
       VALUES ($1, $2, $3, 'p', 1, 'organization', 'LOW', 'logged', 0, 'models', 'd', $4, 'tok_x', 'req_x')`,
      ...[newUuid(), policy, ws],
    );
    await insert(
      `INSERT INTO provider_key_health (org_id, id, provider_key_id, at, source, outcome, refused_in_a_row)
       VALUES ($1, $2, $3, now(), 'run', 'refused', 1)`,
      ...[newUuid(), key],
    );
    await insert(
      `INSERT INTO org_kms_keys (org_id, id, kms_ref, key_arn, role_arn, external_id, state)
       SELECT org_id, $2, 'own-aws:arn|role', 'arn', 'role', kms_external_id, 'retired' FROM orgs WHERE org_id = $1`,
      newUuid(),
    );
    await insert('UPDATE secrets SET owner_key_id = $2 WHERE org_id = $1', key);
  }

  const age = (days: number) =>
    superuser.query(
      `UPDATE org_deletions SET deleted_at = now() - $2 * interval '24 hours' WHERE org_id = $1`,
      [toUuid(tenant.orgId), days],
    );
  /** How many rows each tenant table of the catalogue has of an organization. */
  async function rowsOf(of: TenantFixture): Promise<Record<string, number>> {
    const { rows } = await superuser.query<{ name: string }>(`
      SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id'
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition`);
    const counts: Record<string, number> = {};
    for (const { name } of rows) {
      const found = await superuser.query(`SELECT 1 FROM ${name} WHERE org_id = $1`, [toUuid(of.orgId)]);
      counts[name] = found.rowCount;
    }
    return counts;
  }
  const purge = async (pool: PgPool, batch = 3): Promise<number> => {
    const store = new PurgeStore(pool);
    let batches = 0;
    while (await store.purgeBatch(tenant.orgId, batch)) batches += 1;
    return batches;
  };

  it('does not begin before the 30 days are over, nor ever for an organization that was not deleted', async () => {
    await age(29.9);
    const before = [await rowsOf(tenant), await rowsOf(neighbour)];
    const store = new PurgeStore(pools[0]!);
    expect(await store.due(10)).not.toContain(tenant.orgId);
    for (const { orgId } of [tenant, neighbour]) expect(await store.purgeBatch(orgId, 100)).toBe(false);
    expect([await rowsOf(tenant), await rowsOf(neighbour)]).toEqual(before);
  });

  it('#25 empties every tenant table but those that are kept for a reason, and touches no neighbour', async () => {
    await age(30);
    const before = await rowsOf(neighbour);
    // Every table has something to lose, or this proves nothing of it.
    const empty = Object.entries(await rowsOf(tenant)).filter(([, n]) => n === 0);
    expect(empty.map(([table]) => table)).toEqual(['audit_checkpoints']);
    expect(await new PurgeStore(pools[0]!).due(10)).toContain(tenant.orgId);
    await purge(pools[0]!);
    const left = Object.entries(await rowsOf(tenant)).filter(([, n]) => n > 0);
    expect(left.map(([table]) => table).filter((table) => !(table in KEPT))).toEqual([]);
    expect(Object.fromEntries(left)).toMatchObject({
      usage_records: 7,
      agent_runs: 1,
      usage_days: 1,
      usage_daily: 1,
      audit_events: 2,
    });
    expect(await rowsOf(neighbour)).toEqual(before);
    expect(await new PurgeStore(pools[0]!).due(10)).not.toContain(tenant.orgId);
  });

  it('keeps receipts to the micro-dollar, and nothing that a person or a program wrote into them', async () => {
    await age(31);
    await purge(pools[0]!);
    const { rows } = await superuser.query<{ text: string; cost: string }>(
      `SELECT r::text || u::text AS text, u.cost_micro_usd AS cost FROM usage_records u
       JOIN agent_runs r ON r.org_id = u.org_id AND r.id = u.run_id WHERE u.org_id = $1`,
      [toUuid(tenant.orgId)],
    );
    expect(rows.map(({ cost }) => cost)).toEqual(Array.from({ length: 7 }, () => '7'));
    for (const { text } of rows) expect(text).not.toMatch(/jane|flow|confidence|node/);
    const sums = await superuser.query<{ text: string; cost: string }>(
      'SELECT d::text AS text, cost_micro_usd AS cost FROM usage_days d WHERE org_id = $1',
      [toUuid(tenant.orgId)],
    );
    expect(sums.rows).toEqual([{ cost: '49', text: expect.not.stringMatching(/jane|flow/) }]);
  });

  it('two workers at once and one that dies in the middle end with the same, and one last word in the audit log', async () => {
    await age(31);
    // A death between batches, and one inside a transaction, which then never was.
    const dying = new PurgeStore(pools[0]!);
    for (let i = 0; i < 4; i += 1) expect(await dying.purgeBatch(tenant.orgId, 2)).toBe(true);
    const midway = await rowsOf(tenant);
    const lost = pools[0]!.transaction(async (tx) => {
      await tx.query(`SELECT set_config('app.org_id', $1, true)`, [toUuid(tenant.orgId)]);
      await tx.query('SELECT lookup.purge_org(0, 2)');
      throw new Error('killed');
    });
    await expect(lost).rejects.toThrow('killed');
    expect(await rowsOf(tenant)).toEqual(midway);
    await Promise.all(pools.map((pool) => purge(pool, 2)));
    await purge(pools[1]!);
    expect((await rowsOf(tenant))['orgs']).toBe(0);
    const { rows } = await superuser.query<{ action: string }>(
      'SELECT action FROM audit_events WHERE org_id = $1 ORDER BY seq',
      [toUuid(tenant.orgId)],
    );
    expect(rows.map(({ action }) => action)).toEqual(['orgs:DeleteOrg', 'orgs:PurgeOrg']);
    expect(await verifyAuditChain(superuser, tenant.orgId)).toMatchObject({ ok: true });
  });
});
