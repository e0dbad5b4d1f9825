import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock, newId, newUuid, sha256, toUuid, type Clock } from '#lib/kernel';
import { AuthorisedStateReader, PgPool } from '#lib/persistence';
import { makeTenant, startTestDatabase, type TenantFixture, type TestDatabase } from '#lib/testing';

let database: TestDatabase;
let root: PgPool;
let engine: PgPool;
let api: PgPool;
let t: TenantFixture;
const clock = new ManualClock();

beforeAll(async () => {
  database = await startTestDatabase();
  root = new PgPool({ databaseUrl: database.superuserUrl, max: 2 });
  engine = new PgPool({ databaseUrl: database.engineUrl });
  api = new PgPool({ databaseUrl: database.apiUrl });
});
afterAll(async () => {
  await Promise.all([root.close(), engine.close(), api.close()]);
  await database.stop();
});
beforeEach(async () => {
  t = await makeTenant(database.superuserUrl);
});

const reader = (over: Clock = clock) => new AuthorisedStateReader(engine, over);
const byToken = async () =>
  (await reader().read([{ workspaceId: t.workspaceId, principal: { tokenHash: t.tokenHash } }]))[0]!;
const bySession = async () =>
  (await reader().read([{ workspaceId: t.workspaceId, principal: { sessionHash: t.sessionHash } }]))[0]!;
const byTicket = async (aiProviderId: string = t.aiProviderId, userId: string = t.ownerId) =>
  (
    await reader().read([
      { workspaceId: t.workspaceId, principal: { ticket: { orgId: t.orgId, userId, aiProviderId } } },
    ])
  )[0]!;
const set = (sql: string) => root.query(sql, [toUuid(t.orgId)]);

describe('the authorised state', () => {
  it('answers everything that the gates ask for a token', async () => {
    const state = await byToken();
    expect(state).toMatchObject({
      killSwitch: null,
      principal: {
        kind: 'token',
        id: t.tokenId,
        tokenKind: 'engine',
        tokenWorkspaceId: null,
        permissions: null,
        revoked: false,
        expiresAt: null,
        userId: t.ownerId,
        memberId: t.ownerMemberId,
        role: 'OWNER',
        memberStatus: 'active',
        grant: null,
      },
      org: {
        id: t.orgId,
        plan: 'free',
        planLimits: { keys: 3, workspaces: 2, members: 5, executionsPerMonth: 1_000 },
      },
      workspace: { id: t.workspaceId, name: 'Default', slug: 'default', defaultProvider: null },
      disabledProviders: [],
    });
    expect(state.assignments).toEqual([
      {
        aiProviderId: t.aiProviderId,
        name: 'main',
        provider: 'openai',
        baseUrl: null,
        config: {},
        keyDefaultModel: null,
        keyModels: [],
        enabled: true,
        expiresAt: null,
        priority: 0,
        weight: 1,
        active: true,
        assignmentDefaultModel: null,
        assignmentModels: [],
        secretId: t.secretId,
        secretVersion: 1,
        keyVersion: 1,
        format: 1,
        kmsRef: 'local:1',
        origins: ['https://api.vendor.test:443'],
        wrappedDek: Buffer.from('wrapped'),
        envelope: Buffer.from('sealed'),
        createdAt: expect.any(Date),
      },
    ]);
  });

  it('answers a session with its CSRF hash and its member’s grant', async () => {
    expect((await bySession()).principal).toEqual({
      kind: 'session',
      id: t.sessionId,
      revoked: false,
      expiresAt: expect.any(Date),
      userId: t.editorId,
      memberId: t.editorMemberId,
      role: 'MEMBER',
      memberStatus: 'active',
      grant: { canEdit: false, canDelete: false, canExecute: true },
      beyondPlan: false,
      csrfHash: sha256('csrf of ', t.orgId),
    });
  });

  it('answers a ticket with its one key, assigned or not, and its user’s membership as it is now', async () => {
    await set('DELETE FROM assignments WHERE org_id = $1');
    const state = await byTicket();
    expect(state.assignments.map((a) => a.aiProviderId)).toEqual([t.aiProviderId]);
    expect(state.assignments[0]!.envelope).toEqual(Buffer.from('sealed'));
    expect(state.workspace).toBeNull();
    await set(`UPDATE members SET role = 'MEMBER' WHERE org_id = $1 AND role = 'OWNER'`);
    expect((await byTicket()).principal).toMatchObject({ kind: 'ticket', id: t.ownerId, role: 'MEMBER' });
    await set('DELETE FROM members WHERE org_id = $1');
    expect((await byTicket()).principal).toMatchObject({ memberId: null, role: null, memberStatus: null });
  });

  it('a ticket for another organization’s key finds none', async () => {
    const other = await makeTenant(database.superuserUrl);
    expect((await byTicket(other.aiProviderId)).assignments).toEqual([]);
  });

  it('nothing answers to an unknown hash', async () => {
    const keys = [{ workspaceId: t.workspaceId, principal: { tokenHash: sha256('no such') } }];
    expect(await reader().read(keys)).toMatchObject([
      { principal: null, org: null, workspace: null, assignments: [] },
    ]);
  });

  it('a workspace of another organization looks like one that is not there', async () => {
    const other = await makeTenant(database.superuserUrl);
    const [foreign, unknown] = await reader().read([
      { workspaceId: other.workspaceId, principal: { tokenHash: t.tokenHash } },
      { workspaceId: newId('ws'), principal: { tokenHash: t.tokenHash } },
    ]);
    expect(foreign).toEqual(unknown);
    expect(foreign).toMatchObject({ workspace: null, assignments: [], principal: { id: t.tokenId } });
  });

  it('answers many keys in one query, in their order', async () => {
    const others = await Promise.all(Array.from({ length: 8 }, () => makeTenant(database.superuserUrl)));
    const keys = others.map((o) => ({ workspaceId: o.workspaceId, principal: { tokenHash: o.tokenHash } }));
    const states = await reader().read([
      ...keys,
      { workspaceId: t.workspaceId, principal: { tokenHash: sha256('no') } },
    ]);
    expect(states.map((state) => state.org?.id ?? null)).toEqual([...others.map((o) => o.orgId), null]);
    expect(await reader().read([])).toEqual([]);
  });

  it.each([
    [
      '#6 a revoked token',
      'UPDATE tokens SET revoked_at = now() WHERE org_id = $1',
      { principal: { revoked: true } },
    ],
    [
      '#6 a token’s end',
      `UPDATE tokens SET expires_at = '2026-01-02T00:00:00Z' WHERE org_id = $1`,
      { principal: { expiresAt: new Date('2026-01-02T00:00:00Z') } },
    ],
    [
      '#6 a demoted owner',
      `UPDATE members SET role = 'MEMBER' WHERE org_id = $1`,
      { principal: { role: 'MEMBER' } },
    ],
    [
      'a suspended membership',
      `UPDATE members SET status = 'pending' WHERE org_id = $1`,
      { principal: { memberStatus: 'pending' } },
    ],
    [
      '#22 a disabled key',
      'UPDATE provider_keys SET enabled = false WHERE org_id = $1',
      { assignments: [{ enabled: false }] },
    ],
    [
      'an inactive assignment',
      'UPDATE assignments SET active = false WHERE org_id = $1',
      { assignments: [{ active: false }] },
    ],
    ['#26 an unassigned key', 'DELETE FROM assignments WHERE org_id = $1', { assignments: [] }],
    [
      'a closed gate',
      `INSERT INTO provider_gates (org_id, provider, enabled) VALUES ($1, 'openai', false)`,
      { disabledProviders: ['openai'] },
    ],
    [
      'an open gate',
      `INSERT INTO provider_gates (org_id, provider, enabled) VALUES ($1, 'openai', true)`,
      { disabledProviders: [] },
    ],
    [
      'a changed plan',
      `UPDATE orgs SET plan = 'unlimited' WHERE org_id = $1`,
      { org: { plan: 'unlimited', planLimits: { keys: null } } },
    ],
    [
      '#43 a plan without room for the key and the workspace',
      `WITH made AS (
         INSERT INTO plans VALUES ('no-room', '{"keys": 0, "workspaces": 0}') ON CONFLICT DO NOTHING)
       UPDATE orgs SET plan = 'no-room' WHERE org_id = $1`,
      { beyondPlan: { aiProviderIds: [expect.stringMatching(/^aip_/)], workspace: true } },
    ],
    [
      '#56 a stop of its own OWNER',
      `UPDATE orgs SET stopped_by_owner = 'leak' WHERE org_id = $1`,
      { orgKillSwitch: { by: 'owner', reason: 'leak' } },
    ],
    [
      '#56 the operator’s stop before the OWNER’s',
      `UPDATE orgs SET stopped_by_owner = 'leak', stopped_by_operator = '' WHERE org_id = $1`,
      { orgKillSwitch: { by: 'operator', reason: '' } },
    ],
  ])('the next read sees %s', async (_name, sql, expected) => {
    await set(sql);
    expect(await byToken()).toMatchObject(expected);
  });

  it('gives the active version only, and only of the purpose `call`', async () => {
    const org = toUuid(t.orgId);
    await root.query(`UPDATE secret_versions SET state = 'draining', retired_at = now() WHERE org_id = $1`, [
      org,
    ]);
    expect((await byToken()).assignments[0]).toMatchObject({
      secretVersion: null,
      wrappedDek: null,
      envelope: null,
    });
    await root.query(
      `INSERT INTO secret_versions (org_id, secret_id, version, format, kms_ref, wrapped_dek, envelope, state)
       VALUES ($1, $2, 2, 1, 'local:2', 'w2', 'e2', 'active')`,
      [org, toUuid(t.secretId)],
    );
    expect((await byToken()).assignments[0]).toMatchObject({
      secretVersion: 2,
      keyVersion: 2,
      envelope: Buffer.from('e2'),
    });
    await root.query(`UPDATE secrets SET purpose = 'login' WHERE org_id = $1`, [org]);
    expect((await byToken()).assignments[0]).toMatchObject({
      secretVersion: null,
      wrappedDek: null,
      envelope: null,
    });
  });

  it('a key without a secret has its revision as its version', async () => {
    await set('UPDATE provider_keys SET secret_id = NULL, revision = 9 WHERE org_id = $1');
    expect((await byToken()).assignments[0]).toMatchObject({ secretId: null, keyVersion: 9, envelope: null });
  });

  it('orders keys by priority, weight (higher first) and id', async () => {
    const ids = [newUuid(), newUuid(), newUuid()];
    for (const [i, [priority, weight]] of [
      [1, 1],
      [0, 5],
      [1, 9],
    ].entries()) {
      await root.query(
        `INSERT INTO provider_keys (org_id, id, name, provider) VALUES ($1, $2, $3, 'ollama')`,
        [toUuid(t.orgId), ids[i], `k${i}`],
      );
      await root.query(
        'INSERT INTO assignments (org_id, workspace_id, provider_key_id, priority, weight) VALUES ($1, $2, $3, $4, $5)',
        [toUuid(t.orgId), toUuid(t.workspaceId), ids[i], priority, weight],
      );
    }
    expect((await byToken()).assignments.map((a) => a.name)).toEqual(['k1', 'main', 'k2', 'k0']);
  });

  it('#50 the kill switch is read with everything else', async () => {
    await api.query(`SELECT lookup.set_kill_switch(true, 'incident 7')`);
    expect(await byToken()).toMatchObject({ killSwitch: { enabled: true, reason: 'incident 7' } });
    await api.query(`SELECT lookup.set_kill_switch(false, '')`);
    expect(await byToken()).toMatchObject({ killSwitch: { enabled: false } });
  });

  it('is stamped before the query is sent', async () => {
    let readings = 0;
    const counting: Clock = { now: () => new Date(), monotonicMs: () => (readings += 1) };
    const waiting = reader(counting).read([
      { workspaceId: t.workspaceId, principal: { tokenHash: t.tokenHash } },
    ]);
    expect(readings).toBe(1); // before anything was awaited
    expect((await waiting)[0]!.stampMs).toBe(1);
    expect(readings).toBe(1);
  });

  it('an unreachable database refuses instead of answering from memory', async () => {
    const gone = new PgPool({ databaseUrl: 'postgresql://claviger_engine:x@127.0.0.1:1/x', max: 1 });
    const read = new AuthorisedStateReader(gone, clock).read([
      { workspaceId: t.workspaceId, principal: { tokenHash: t.tokenHash } },
    ]);
    await expect(read).rejects.toMatchObject({ code: 'overloaded' });
    await gone.close();
  });
});

describe('the control plane’s view', () => {
  it('is the same state without sealed material, for a member of the organization', async () => {
    const state = await new AuthorisedStateReader(api, clock).readWorkspace(
      t.orgId,
      t.editorId,
      t.workspaceId,
    );
    const sealed = await byToken();
    expect(state.assignments).toEqual(
      sealed.assignments.map((a) => ({ ...a, wrappedDek: null, envelope: null })),
    );
    expect(state).toMatchObject({
      org: sealed.org!,
      workspace: sealed.workspace!,
      principal: { userId: t.editorId, role: 'MEMBER' },
    });
  });

  it('never leaves the organization it was asked for', async () => {
    const other = await makeTenant(database.superuserUrl);
    const state = await new AuthorisedStateReader(api, clock).readWorkspace(
      t.orgId,
      other.ownerId,
      other.workspaceId,
    );
    expect(state).toMatchObject({ workspace: null, assignments: [], principal: { memberId: null } });
  });
});
