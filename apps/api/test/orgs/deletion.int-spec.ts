import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { toUuid } from '#lib/kernel';
import { PgPool, PurgeStore, verifyAuditChain } from '#lib/persistence';
import { withSuperuser } from '../support/members.js';
import type { Person } from '../support/person.js';
import { joinAs } from '../support/team.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const KEY = { name: 'Main', provider: 'openai', secret: 'sk-delete-0123456789abcdef' };

describe('deletion of a whole organization', () => {
  let api: TestApi;
  let owner: Person;
  let slug: string;
  let token: Person;
  let invite: string;

  beforeAll(async () => {
    api = await startTestApi();
  });
  afterAll(() => api.stop());
  beforeEach(async () => {
    owner = await api.owner();
    slug = (await owner.get(`/orgs/${owner.orgId}`)).body.slug;
    const { id } = (await owner.post('/ai-providers', KEY)).body;
    await owner.put(`/workspaces/${owner.workspaceId}/ai-providers`, {
      assignments: [{ aiProviderId: id, priority: 0, weight: 1, active: true }],
    });
    token = owner.withToken((await owner.post('/tokens', { name: 'T', kind: 'api' })).body.token);
    invite = (await owner.post('/invites', {})).body.token;
  });

  const remove = (who = owner, confirm = slug) => who.send('DELETE', `/orgs/${owner.orgId}`, { confirm });
  const sql = async <Row extends object>(text: string) =>
    (await withSuperuser(api, (pool) => pool.query<Row>(text, [toUuid(owner.orgId)]))).rows;
  const sealed = async () =>
    (
      await sql<{ n: number }>(
        'SELECT count(*)::int AS n FROM secret_versions WHERE org_id = $1 AND (envelope IS NOT NULL OR wrapped_dek IS NOT NULL)',
      )
    )[0]!.n;

  it('says first what it would take', async () => {
    const { status, body } = await owner.get(`/orgs/${owner.orgId}/deletion`);
    expect([status, body]).toEqual([
      200,
      {
        ...{ orgId: owner.orgId, name: 'Acme', slug, graceDays: 30 },
        counts: {
          ...{ members: 1, workspaces: 1, aiProviders: 1, assignments: 1, secrets: 1, sealedVersions: 1 },
          ...{ tokens: 1, invites: 1, openRuns: 0 },
        },
      },
    ]);
  });

  it('does nothing without the slug', async () => {
    for (const confirm of ['', 'Acme', `${slug} `, slug.toUpperCase()]) {
      const { status, body } = await remove(owner, confirm);
      expect([status, body.errors[0].pointer]).toEqual([422, '/confirm']);
    }
    expect([await sealed(), (await token.get('/workspaces')).status]).toEqual([1, 200]);
  });

  it('#25 erases every sealed byte, keeps the audit history, and tells the other processes', async () => {
    const { status, body } = await remove();
    expect([status, body.orgId]).toEqual([200, owner.orgId]);
    expect(Date.parse(body.purgedAfter) - Date.parse(body.deletedAt)).toBe(30 * 86_400_000);
    expect(await sealed()).toBe(0);
    const log = await sql<{ action: string; actor: string; change: object }>(
      'SELECT action, actor, change FROM audit_events WHERE org_id = $1 ORDER BY seq DESC LIMIT 1',
    );
    expect(log).toMatchObject([
      {
        action: 'orgs:DeleteOrg',
        actor: owner.userId,
        change: {
          slug,
          counts: { aiProviders: 1 },
          destroyed: { sealedVersions: 1, tokens: 1, sessions: 1 },
        },
      },
    ]);
    expect(await sql(`SELECT 1 FROM outbox_events WHERE org_id = $1 AND topic = 'org.deleted'`)).toHaveLength(
      1,
    );
    await withSuperuser(api, async (pool) =>
      expect(await verifyAuditChain(pool, owner.orgId)).toMatchObject({ ok: true }),
    );
  });

  it('refuses every call of it from the answer on: tokens, sessions, invites; its ids are unknown', async () => {
    const member = await joinAs(api, owner, 'MEMBER');
    await remove();
    const calls = [
      token.get('/workspaces'),
      token.get(`/orgs/${owner.orgId}`),
      token.post('/ai-providers', KEY),
    ];
    for (const { status } of await Promise.all(calls)) expect(status).toBe(401);
    for (const who of [owner, member])
      expect((await who.get(`/workspaces/${owner.workspaceId}`)).status).toBe(403);
    expect((await remove()).status).toBe(403);
    const stranger = await api.owner();
    expect((await stranger.get(`/invites/${invite}/accept`)).status).toBe(404);
    expect((await stranger.post('/auth/active-org', { orgId: owner.orgId })).status).toBe(404);
    expect((await stranger.get(`/workspaces/${owner.workspaceId}`)).status).toBe(404);
  });

  it('leaves its people their accounts: who has no other organization signs in to none, who has goes there', async () => {
    const both = await api.owner();
    const home = both.orgId;
    const other = (await owner.post('/invites', { role: 'OWNER' })).body.token;
    const { memberId } = (await both.post(`/invites/${other}/accept`, {})).body;
    await owner.post(`/members/${memberId}/approve`, {});
    expect((await both.post('/auth/active-org', { orgId: owner.orgId })).status).toBe(200);
    expect((await remove()).status).toBe(200);
    const me = (await owner.get('/auth/me')).body;
    expect([me.org, me.orgs, me.workspaces]).toEqual([null, [], []]);
    const again = await api.stranger().logIn(owner.email);
    expect([again.status, again.body.org, again.body.orgs]).toEqual([200, null, []]);
    const moved = await api.stranger().logIn(both.email);
    expect([moved.body.org.id, moved.body.orgs.length]).toEqual([home, 1]);
    expect((await both.post('/auth/active-org', { orgId: home })).body.org.id).toBe(home);
  });

  it('its slug is free only when its rows are gone', async () => {
    const named = async (email: string) => {
      const person = await api.stranger().signUp(email, `Unique ${slug}`);
      return { person, slug: (await person.get(`/orgs/${person.orgId}`)).body.slug as string };
    };
    const first = await named(`first-${slug}@example.test`);
    await first.person.send('DELETE', `/orgs/${first.person.orgId}`, { confirm: first.slug });
    expect((await named(`second-${slug}@example.test`)).slug).not.toBe(first.slug);
    await withSuperuser(api, (pool) =>
      pool.query(`UPDATE org_deletions SET deleted_at = now() - interval '30 days'`),
    );
    const worker = new PgPool({ databaseUrl: api.database.workerUrl, max: 1 });
    const purges = new PurgeStore(worker);
    for (const orgId of await purges.due(100)) while (await purges.purgeBatch(orgId, 100));
    await worker.close();
    expect((await named(`third-${slug}@example.test`)).slug).toBe(first.slug);
  });

  it.each([
    ['its audit row', 'EXECUTE ON FUNCTION lookup.audit_append(uuid, text, text, text, text, text, jsonb)'],
    ['its event', 'INSERT ON outbox_events'],
  ])('happens not at all where %s cannot be written', async (_what, right) => {
    await withSuperuser(api, (pool) => pool.query(`REVOKE ${right} FROM claviger_api`));
    expect((await remove()).status).toBe(500);
    await withSuperuser(api, (pool) => pool.query(`GRANT ${right} TO claviger_api`));
    expect([await sealed(), (await token.get('/workspaces')).status]).toEqual([1, 200]);
    expect((await owner.get(`/orgs/${owner.orgId}`)).status).toBe(200);
  });

  it('#2 is the OWNER’s alone, and another organization’s answers like none', async () => {
    const admin = await joinAs(api, owner, 'ADMIN');
    expect([(await remove(admin)).status, (await admin.get(`/orgs/${owner.orgId}/deletion`)).status]).toEqual(
      [403, 403],
    );
    expect((await remove(await api.owner())).status).toBe(404);
    expect(await sealed()).toBe(1);
  });
});
