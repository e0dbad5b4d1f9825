import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toUuid } from '#lib/kernel';
import { withSuperuser } from '../support/members.js';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';
import { inDays } from '../support/times.js';

const SECRET = 'sk-bound-0123456789abcdef';
const DENY_ALL = { severity: 'HIGH', rules: [{ type: 'models', deny: ['*'] }] };

interface Held {
  id: string;
  person: Person;
  limits: unknown;
}

/** What binds a token binds what it makes (PRODUCT #5, #44, #46): nobody sheds a limit or a policy by a second token. */
describe('#5 what a token makes is bound by it', () => {
  let api: TestApi;
  let owner: Person;
  let maker: Held;
  let policyId: string;

  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
    const key = await owner.post('/ai-providers', { name: 'Key', provider: 'openai', secret: SECRET });
    const assignments = [{ aiProviderId: key.body.id }];
    await owner.put(`/workspaces/${owner.workspaceId}/ai-providers`, { assignments });
    maker = await make(owner, { limits: { rpm: 10, tpm: 1_000 } });
    policyId = (await deny('Mine', maker.id)).body.id;
  });
  afterAll(() => api.stop());

  const held = (body: { id: string; token: string; limits: unknown }): Held => ({
    id: body.id,
    person: api.stranger().withToken(body.token),
    limits: body.limits,
  });
  async function make(by: Person, more: object = {}): Promise<Held> {
    const answer = await by.post('/tokens', { name: 'T', kind: 'api', ...more });
    expect([answer.status, answer.body.detail]).toEqual([201, undefined]);
    return held(answer.body);
  }
  async function roll(by: Person, id: string): Promise<Held> {
    const answer = await by.post(`/tokens/${id}/roll`, { overlapSeconds: 600 });
    expect([answer.status, answer.body.detail]).toEqual([201, undefined]);
    return held(answer.body);
  }
  const deny = (name: string, id: string) =>
    owner.post('/policies', { name, scope: { type: 'token', id }, ...DENY_ALL });
  const resolve = async ({ person }: Held) =>
    (await person.post(`/workspaces/${owner.workspaceId}/resolve`, { model: 'gpt-4.1' })).text;
  /** The windows that a token's calls count in, by the authorised state. */
  const windows = ({ person }: Held): Promise<unknown[]> =>
    withSuperuser(api, async (pool) => {
      const { rows } = await pool.query<{ line: { id: string; limits: unknown }[] }>(
        `SELECT s.state #> '{rateLimits,tokenLine}' AS line FROM lookup.authorised_state(
           jsonb_build_array(jsonb_build_object('token', encode(sha256($1::bytea), 'hex'), 'workspace', $2::uuid))) s`,
        [Buffer.from(person.bearer ?? ''), toUuid(owner.workspaceId)],
      );
      return (rows[0]?.line ?? []).map(({ id, limits }) => [id, limits]);
    });

  it('its limits are at most its maker’s, which it takes on where it names none', async () => {
    expect((await make(maker.person)).limits).toEqual({ rpm: 10, tpm: 1_000 });
    expect((await make(maker.person, { limits: { rpm: 3, rpd: 5 } })).limits).toEqual({
      ...{ rpm: 3, rpd: 5, tpm: 1_000 },
    });
    for (const limits of [{ rpm: 11 }, { rpm: 1, tpm: 1_001 }]) {
      const refused = await maker.person.post('/tokens', { name: 'More', kind: 'engine', limits });
      expect([refused.status, refused.body.code]).toEqual([403, 'forbidden']);
      expect(refused.body.detail).toContain('tpm' in limits ? 'tpm' : 'rpm');
    }
    expect((await make(owner)).limits).toBeNull();
  });

  it('a token that a limited one rolls is bound by both', async () => {
    const free = await make(owner);
    const rolled = await roll(maker.person, free.id);
    expect(rolled.limits).toEqual(maker.limits);
    expect(await resolve(rolled)).toContain('policy_violation');
    const large = await make(owner, { limits: { rpm: 11 } });
    const refused = await maker.person.post(`/tokens/${large.id}/roll`, {});
    expect([refused.status, refused.body.code]).toEqual([403, 'forbidden']);
  });

  it('a policy for the maker holds for what it made, and for what that made and rolled', async () => {
    const second = await make(maker.person);
    const third = await roll(second.person, (await make(second.person)).id);
    for (const token of [maker, second, third]) expect(await resolve(token)).toContain('policy_violation');
    expect(await resolve(await make(owner))).not.toContain('policy_violation');
  });

  it('#44 rolling and making give no room: the line counts in the windows of those before', async () => {
    const first = await make(owner, { limits: { rpm: 7 } });
    const rolled = await roll(owner, first.id);
    const made = await make(rolled.person, { limits: { rpm: 2 } });
    const uuids = [first, rolled, made].map(({ id }) => toUuid(id));
    const limits = [{ rpm: 7 }, { rpm: 7 }, { rpm: 2 }];
    expect(await windows(made)).toEqual(uuids.map((id, at) => [id, limits[at]]));
    expect(await windows(await make(owner))).toEqual([]);
  });

  it('it undoes no policy for itself or its maker, and lifts none for its own line', async () => {
    const made = await make(maker.person);
    const ws = { workspaceId: owner.workspaceId };
    const org = (await owner.post('/policies', { name: 'All', scope: { type: 'organization' }, ...DENY_ALL }))
      .body.id;
    const except = (by: Held, policy: string, subject: object) =>
      by.person.post(`/policies/${policy}/approvals`, { ...subject, reason: 'me', expiresAt: inDays(30) });
    for (const by of [maker, made]) {
      const answers = [
        await by.person.patch(`/policies/${policyId}`, { enabled: false }),
        await by.person.patch(`/policies/${policyId}`, {
          scope: { type: 'workspace', id: owner.workspaceId },
        }),
        await by.person.delete(`/policies/${policyId}`),
        await except(by, policyId, ws),
        await except(by, org, { tokenId: maker.id }),
        await except(by, org, { tokenId: made.id }),
      ];
      expect(answers.map(({ status, body }) => [status, body.code])).toEqual(
        answers.map(() => [403, 'forbidden']),
      );
    }
    const other = await make(owner);
    expect((await except(maker, org, { tokenId: other.id })).status).toBe(201);
    expect((await other.person.patch(`/policies/${policyId}`, { enabled: false })).status).toBe(200);
    expect((await owner.delete(`/policies/${policyId}`)).status).toBe(204);
  });
});
