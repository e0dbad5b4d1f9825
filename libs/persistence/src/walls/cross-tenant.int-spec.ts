import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, newUuid, toUuid } from '#lib/kernel';
import { appendAudit, appendOutbox, PgPool, TenantDb, withTenantPg } from '#lib/persistence';
import { makeTenant, startTestDatabase, type TenantFixture, type TestDatabase } from '#lib/testing';

let database: TestDatabase;
let owner: PgPool;
let api: PgPool;
let engine: PgPool;
let worker: PgPool;
let ours: TenantFixture;
let theirs: TenantFixture;

beforeAll(async () => {
  database = await startTestDatabase();
  owner = new PgPool({ databaseUrl: database.superuserUrl, max: 2 });
  api = new PgPool({ databaseUrl: database.apiUrl });
  engine = new PgPool({ databaseUrl: database.engineUrl });
  worker = new PgPool({ databaseUrl: database.workerUrl });
  ours = await makeTenant(database.superuserUrl);
  theirs = await makeTenant(database.superuserUrl);
});
afterAll(async () => {
  await Promise.all([owner, api, engine, worker].map((pool) => pool.close()));
  await database.stop();
});

/** Runs one statement as a process role bound to our organization. */
function asUs(pool: PgPool, sql: string, values: unknown[] = []) {
  return withTenantPg(pool, ours.orgId, (tx) => tx.query<Record<string, unknown>>(sql, values));
}

function poolOf(role: string): PgPool {
  return role === 'api' ? api : role === 'engine' ? engine : worker;
}

describe('direct SQL as a process role', () => {
  const org = () => toUuid(ours.orgId);
  const foreign = (id: keyof TenantFixture) => toUuid(String(theirs[id]));
  const own = (id: keyof TenantFixture) => toUuid(String(ours[id]));

  const links: [string, () => [string, unknown[]]][] = [
    [
      'a key to a foreign workspace',
      () => [
        'INSERT INTO assignments (org_id, workspace_id, provider_key_id) VALUES ($1, $2, $3)',
        [org(), foreign('workspaceId'), own('aiProviderId')],
      ],
    ],
    [
      'a foreign key to a workspace',
      () => [
        'INSERT INTO assignments (org_id, workspace_id, provider_key_id) VALUES ($1, $2, $3)',
        [org(), own('workspaceId'), foreign('aiProviderId')],
      ],
    ],
    [
      'a key to a foreign secret',
      () => [
        `INSERT INTO provider_keys (org_id, id, name, provider, secret_id) VALUES ($1, $2, 'stolen', 'openai', $3)`,
        [org(), newUuid(), foreign('secretId')],
      ],
    ],
    [
      'an existing key to a foreign secret',
      () => ['UPDATE provider_keys SET secret_id = $1', [foreign('secretId')]],
    ],
    ['a secret to a foreign key', () => ['UPDATE secrets SET owner_key_id = $1', [foreign('aiProviderId')]]],
    [
      'a sealed version to a foreign secret',
      () => [
        `INSERT INTO secret_versions (org_id, secret_id, version, format, kms_ref, wrapped_dek, envelope, state)
         VALUES ($1, $2, 2, 1, 'r', 'w', 'e', 'pending')`,
        [org(), foreign('secretId')],
      ],
    ],
    [
      'a token to a foreign owner',
      () => ['UPDATE tokens SET owner_member_id = $1', [foreign('ownerMemberId')]],
    ],
    [
      'a token to a foreign workspace',
      () => ['UPDATE tokens SET workspace_id = $1', [foreign('workspaceId')]],
    ],
    [
      'a grant to a foreign member',
      () => ['UPDATE workspace_grants SET member_id = $1', [foreign('editorMemberId')]],
    ],
    [
      'a grant to a foreign workspace',
      () => ['UPDATE workspace_grants SET workspace_id = $1', [foreign('workspaceId')]],
    ],
    ['a member to a foreign invite', () => ['UPDATE members SET invite_id = $1', [foreign('inviteId')]]],
  ];

  it.each(links)('cannot link %s', async (_name, statement) => {
    const [sql, values] = statement();
    await expect(asUs(api, sql, values)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('cannot link a receipt to a foreign run', async () => {
    const run = newUuid();
    await owner.query(
      `INSERT INTO agent_runs (org_id, id, workspace_id, node_execution_id, request_hash, principal_id, status)
       VALUES ($1, $2, $3, 'n', 'h', 'p', 'running')`,
      [toUuid(theirs.orgId), run, toUuid(theirs.workspaceId)],
    );
    const receipt = asUs(
      engine,
      `INSERT INTO usage_records (org_id, id, run_id, workspace_id, provider_key_id, key_version, provider, model,
         principal_id, outcome, input_tokens, output_tokens, cached_input_tokens, reasoning_tokens)
       VALUES ($1, $2, $3, $4, $5, 1, 'openai', 'm', 'p', 'ok', 1, 1, 0, 0)`,
      [org(), newUuid(), run, own('workspaceId'), own('aiProviderId')],
    );
    await expect(receipt).rejects.toMatchObject({ code: 'not_found' });
  });

  it('cannot make a run or a receipt name a foreign workspace or key', async () => {
    const run = newUuid();
    await asUs(
      engine,
      `INSERT INTO agent_runs (org_id, id, workspace_id, node_execution_id, request_hash, principal_id, status)
       VALUES ($1, $2, $3, 'own', 'h', 'p', 'running')`,
      [org(), run, own('workspaceId')],
    );
    const move = 'UPDATE agent_runs SET workspace_id = $1 WHERE id = $2';
    await expect(asUs(engine, move, [foreign('workspaceId'), run])).rejects.toMatchObject({
      code: 'not_found',
    });
    const receipt = (workspaceId: string, keyId: string) =>
      asUs(
        engine,
        `INSERT INTO usage_records (org_id, id, run_id, workspace_id, provider_key_id, key_version, provider, model,
           principal_id, outcome, input_tokens, output_tokens, cached_input_tokens, reasoning_tokens)
         VALUES ($1, $2, $3, $4, $5, 1, 'openai', 'm', 'p', 'ok', 1, 1, 0, 0)`,
        [org(), newUuid(), run, workspaceId, keyId],
      );
    for (const [workspaceId, keyId] of [
      [foreign('workspaceId'), own('aiProviderId')],
      [own('workspaceId'), foreign('aiProviderId')],
    ] as const)
      await expect(receipt(workspaceId, keyId)).rejects.toMatchObject({ code: 'not_found' });
    // A key that was deleted meanwhile is no reason to lose its receipt.
    expect((await receipt(own('workspaceId'), newUuid())).rowCount).toBe(1);
  });

  it('can neither write into a foreign tenant nor move a row there', async () => {
    const insert = asUs(api, `INSERT INTO workspaces (org_id, id, slug, name) VALUES ($1, $2, 'x', 'x')`, [
      toUuid(theirs.orgId),
      newUuid(),
    ]);
    await expect(insert).rejects.toMatchObject({ code: 'internal', cause: { code: '42501' } });
    await expect(asUs(api, 'UPDATE secrets SET org_id = $1', [toUuid(theirs.orgId)])).rejects.toThrow();
    const gone = await asUs(api, 'DELETE FROM assignments WHERE org_id = $1', [toUuid(theirs.orgId)]);
    expect(gone.rowCount).toBe(0);
  });

  it('sees its own rows only, and none at all outside a tenant', async () => {
    for (const table of [
      'orgs',
      'members',
      'workspaces',
      'tokens',
      'secrets',
      'provider_keys',
      'assignments',
    ]) {
      const { rows } = await asUs(api, `SELECT DISTINCT org_id::text AS org FROM ${table}`);
      expect([table, rows]).toEqual([table, [{ org: org() }]]);
      expect((await api.query(`SELECT 1 FROM ${table}`)).rowCount).toBe(0);
    }
    const people = await asUs(api, 'SELECT id::text FROM users');
    expect(people.rows.map((row) => row['id']).sort()).toEqual([own('ownerId'), own('editorId')].sort());
  });
});

describe('least privilege', () => {
  const refused = { cause: { code: '42501' } };

  it.each([
    ['api', 'SELECT wrapped_dek FROM secret_versions'],
    ['api', 'SELECT envelope FROM secret_versions'],
    ['api', 'SELECT * FROM secret_versions'],
    ['api', `UPDATE secret_versions SET state = 'draining' RETURNING *`],
    ['api', `UPDATE secret_versions SET state = 'draining' WHERE envelope = 'x'`],
    ['api', `UPDATE secret_versions SET kms_ref = encode(envelope, 'hex')`],
    ['api', 'SELECT password_hash FROM users'],
    ['api', 'SELECT * FROM sessions'],
    ['api', 'SELECT * FROM outbox_events'],
    ['api', `SELECT lookup.authorised_state('[]')`],
    ['api', 'SELECT lookup.state_assignments($1, $1, true)'],
    ['api', 'SELECT lookup.state_key(k, true) FROM provider_keys k'],
    ['api', 'SELECT lookup.sweep_expired()'],
    ['api', 'CREATE TABLE mine (id int)'],
    ['api', 'SET ROLE claviger_engine'],
    ['api', 'SET ROLE claviger_lookup'],
    ['engine', 'SELECT * FROM secret_versions'],
    ['engine', 'UPDATE provider_keys SET base_url = NULL'],
    ['engine', 'DELETE FROM assignments'],
    ['engine', `SELECT lookup.login('a@b.c')`],
    ['engine', `SELECT lookup.set_password(gen_random_uuid(), 'x')`],
    ['worker', 'SELECT envelope FROM secret_versions'],
    ['worker', 'SELECT * FROM provider_keys'],
    ['worker', `SELECT lookup.authorised_state('[]')`],
  ])('the %s may not: %s', async (role, sql) => {
    const values = sql.includes('$1') ? [toUuid(ours.orgId)] : [];
    await expect(asUs(poolOf(role), sql, values)).rejects.toMatchObject(refused);
  });

  it.each(['api', 'engine', 'worker'])(
    '#54 the %s can add to the audit log through the function only, and change nothing of it',
    async (role) => {
      for (const sql of [
        `INSERT INTO audit_events SELECT * FROM audit_events`,
        `UPDATE audit_events SET actor = 'nobody'`,
        'DELETE FROM audit_events',
        'TRUNCATE audit_events',
        `UPDATE audit_heads SET seq = 0`,
      ]) {
        await expect(asUs(poolOf(role), sql)).rejects.toMatchObject(refused);
      }
    },
  );

  it('#54 the owner of the tables cannot rewrite the log either', async () => {
    const db = new TenantDb({ databaseUrl: database.apiUrl, max: 2 });
    await db.withOrg(ours.orgId, (tx) => appendAudit(tx, entry(ours.orgId)));
    await db.close();
    for (const sql of [
      `UPDATE audit_events SET actor = 'nobody'`,
      'DELETE FROM audit_events',
      'TRUNCATE audit_events',
      'DELETE FROM audit_heads',
      'TRUNCATE audit_heads',
    ]) {
      await expect(owner.query(sql)).rejects.toThrow('append-only');
    }
  });
});

describe('one transaction', () => {
  it('business row, audit row and event come together or not at all, and so does the notification', async () => {
    const db = new TenantDb({ databaseUrl: database.apiUrl, max: 2 });
    const change = (fail: boolean) =>
      db.withOrg(theirs.orgId, async (tx) => {
        await tx.providerGate.create({
          data: { orgId: toUuid(theirs.orgId), provider: `p${fail}`, enabled: false },
        });
        await appendAudit(tx, entry(theirs.orgId));
        await appendOutbox(tx, {
          orgId: theirs.orgId,
          topic: 'provider-gate.changed',
          ids: { provider: 'p' },
        });
        if (fail) throw new Error('after everything was written');
      });
    const counts = async () => {
      const { rows } = await owner.query<{ n: string }>(
        `SELECT (SELECT count(*) FROM provider_gates WHERE org_id = $1) || ' ' ||
           (SELECT count(*) FROM audit_events WHERE org_id = $1) || ' ' ||
           (SELECT count(*) FROM outbox_events WHERE org_id = $1) AS n`,
        [toUuid(theirs.orgId)],
      );
      return rows[0]!.n;
    };
    await expect(change(true)).rejects.toThrow('after everything was written');
    expect(await counts()).toBe('0 0 0');
    await change(false);
    expect(await counts()).toBe('1 1 1');
    await db.close();
  });

  it('#1 forty transactions of many tenants at once each see their own tenant only', async () => {
    const tenants = [
      ours,
      theirs,
      await makeTenant(database.superuserUrl),
      await makeTenant(database.superuserUrl),
    ];
    const db = new TenantDb({ databaseUrl: database.apiUrl, max: 7 });
    const seen = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        const tenant = tenants[i % tenants.length]!;
        return db.withOrg(tenant.orgId, async (tx) => {
          const before = await tx.secret.findMany({ select: { orgId: true, id: true } });
          await new Promise((resolve) => setTimeout(resolve, i % 5));
          await tx.workspace.create({
            data: { orgId: toUuid(tenant.orgId), id: newUuid(), slug: `w${i}`, name: 'w' },
          });
          const after = await tx.workspace.findMany({ select: { orgId: true } });
          return (
            [...before, ...after].every((row) => row.orgId === toUuid(tenant.orgId)) && before.length === 1
          );
        });
      }),
    );
    expect(seen).toEqual(Array.from({ length: 40 }, () => true));
    await db.close();
  });
});

function entry(orgId: string) {
  const change = { gate: 'closed' };
  return {
    orgId,
    actor: 'system',
    action: 'test:Change',
    target: orgId,
    requestId: newId('req'),
    ip: null,
    change,
  };
}
