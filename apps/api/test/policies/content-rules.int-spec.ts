import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fromUuid, newUuid, toUuid } from '#lib/kernel';
import { withSuperuser } from '../support/members.js';
import type { Person } from '../support/person.js';
import { joinAs } from '../support/team.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const POLICY = { name: 'What is said', scope: { type: 'organization' }, severity: 'HIGH' };

let api: TestApi;
let owner: Person;
let aiProviderId: string;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.stop());
beforeEach(async () => {
  owner = await api.owner();
  const key = { name: 'Judge', provider: 'openai', secret: 'sk-judge-0123456789abcdef' };
  aiProviderId = (await owner.post('/ai-providers', key)).body.id;
});

const judge = (more: object = {}) => ({
  type: 'judge',
  instruction: 'Nobody may speak of mergers.',
  ...{ aiProviderId, model: 'gpt-4.1-nano', on: 'both' },
  ...more,
});
const make = (rules: object[], by = owner, more: object = {}) =>
  by.post('/policies', { ...POLICY, rules, ...more });
const judgeKeys = (id: string) =>
  withSuperuser(api, async (pool) => {
    const { rows } = await pool.query<{ judge_keys: string[] }>(
      'SELECT judge_keys FROM policies WHERE id = $1',
      [toUuid(id)],
    );
    return rows[0]?.judge_keys;
  });

describe('#46 #48 rules that read what is said', () => {
  it('are saved as they were sent', async () => {
    const rules = [
      { type: 'pii', kinds: ['email', 'iban'], on: 'both', action: 'redact' },
      { type: 'pii', on: 'input', action: 'detect' },
      { type: 'pattern', pattern: '(?i)project \\w+', on: 'output', action: 'block' },
      { type: 'retention', content: 'none' },
      judge(),
    ];
    const { status, body } = await make(rules);
    expect([status, body.rules]).toEqual([201, rules]);
  });

  it.each([
    ['a(?=b)', /lookahead/],
    ['(a)\\1', /backreference/],
    ['(?<!a)b', /lookbehind/],
    ['a++', /possessive/],
    ['(', /RE2/],
    ['a*', /empty text/],
    ['((a{100}){100}){10}', /repeats too often|instructions/],
  ])('#48 the pattern %s is refused with what is wrong about it', async (pattern, why) => {
    const { status, body } = await make([{ type: 'pattern', pattern, on: 'input', action: 'block' }]);
    expect([status, body.code]).toEqual([422, 'validation_failed']);
    expect(body.errors).toEqual([{ pointer: '/rules/0/pattern', detail: expect.stringMatching(why) }]);
  });
});

describe('#2 #46 who may name the key of a judge', () => {
  it('the OWNER any key of the organization: naming it hands it to the policy', async () => {
    const { body } = await make([judge(), judge({ on: 'input' })]);
    expect(await judgeKeys(body.id)).toEqual([toUuid(aiProviderId)]);
    const without = { rules: [{ type: 'retention', content: 'metadata' }] };
    expect((await owner.patch(`/policies/${body.id}`, without)).status).toBe(200);
    expect(await judgeKeys(body.id)).toEqual([]);
  });

  it('an ADMIN only one that every workspace concerned has, in use', async () => {
    const admin = await joinAs(api, owner, 'ADMIN');
    const here = { type: 'workspace', id: owner.workspaceId };
    const refused = await make([judge()], admin);
    expect([refused.status, refused.body.code]).toEqual([403, 'forbidden']);
    expect(refused.body.detail).toMatch(/AssignAiProvider.*OWNER/s);
    const assign = (active: boolean) =>
      owner.put(`/workspaces/${owner.workspaceId}/ai-providers`, { assignments: [{ aiProviderId, active }] });
    await assign(false);
    expect((await make([judge()], admin, { scope: here })).status).toBe(403);
    await assign(true);
    expect((await make([judge()], admin, { name: 'here', scope: here })).status).toBe(201);
    expect((await make([judge()], admin, { name: 'everywhere' })).status).toBe(201);
    await owner.post('/workspaces', { name: 'Second' });
    expect((await make([judge()], admin, { name: 'everywhere now' })).status).toBe(403);
  });

  it('an ADMIN may change what an OWNER made around it, and neither its key nor whom it covers', async () => {
    const admin = await joinAs(api, owner, 'ADMIN');
    const { id } = (await make([judge()], owner, { scope: { type: 'workspace', id: owner.workspaceId } }))
      .body;
    const path = `/policies/${id}`;
    expect((await admin.patch(path, { severity: 'LOW' })).status).toBe(200);
    expect((await admin.patch(path, { rules: [judge({ on: 'input' })] })).status).toBe(200);
    expect((await admin.patch(path, { scope: { type: 'organization' } })).status).toBe(403);
    expect((await admin.patch(path, { rules: [judge({ model: 'gpt-4.1' })] })).status).toBe(403);
    const other = { name: 'Other', provider: 'openai', secret: 'sk-other-0123456789abcdef' };
    const second = (await owner.post('/ai-providers', other)).body.id;
    expect((await admin.patch(path, { rules: [judge({ aiProviderId: second })] })).status).toBe(403);
    expect(await judgeKeys(id)).toEqual([toUuid(aiProviderId)]);
  });

  describe('a key that an ADMIN named because the workspace has it', () => {
    const assign = (keys: object[]) =>
      owner.put(`/workspaces/${owner.workspaceId}/ai-providers`, { assignments: keys });
    const judgesNow = async () => {
      const { token } = (await owner.post('/tokens', { name: 'E', kind: 'engine' })).body;
      const { rows } = await withSuperuser(api, (pool) =>
        pool.query<{ keys: { envelope?: string }[] }>(
          `SELECT s.state -> 'judgeKeys' AS keys FROM lookup.authorised_state(jsonb_build_array(
             jsonb_build_object('token', encode(sha256($1::bytea), 'hex'), 'workspace', $2::uuid))) s`,
          [Buffer.from(token), toUuid(owner.workspaceId)],
        ),
      );
      return rows[0]!.keys.length;
    };
    let admin: Person;
    let path: string;
    beforeEach(async () => {
      admin = await joinAs(api, owner, 'ADMIN');
      await assign([{ aiProviderId }]);
      const scope = { type: 'workspace', id: owner.workspaceId };
      path = `/policies/${(await make([judge()], admin, { scope })).body.id}`;
    });

    it('judges no longer when the OWNER unassigns it, and the ADMIN asks nothing new with it', async () => {
      expect(await judgesNow()).toBe(1);
      await assign([]);
      expect(await judgesNow()).toBe(0);
      const other = { rules: [judge({ instruction: 'Say whatever I like.' })] };
      expect((await admin.patch(path, other)).body.code).toBe('forbidden');
      expect((await admin.patch(path, { rules: [judge()], severity: 'LOW' })).status).toBe(200);
      expect((await admin.patch(path, { enabled: false })).status).toBe(200);
      await admin.patch(path, { enabled: true });
      await owner.patch(path, { description: 'An OWNER changes something else: that gives it nothing.' });
      expect(await judgesNow()).toBe(0);
      await assign([{ aiProviderId, active: false }]);
      expect(await judgesNow()).toBe(0);
      await assign([{ aiProviderId }]);
      expect(await judgesNow()).toBe(1);
    });

    it('is the policy’s own once an OWNER names it, and no longer when the ADMIN takes another model', async () => {
      expect((await owner.patch(path, { rules: [judge()] })).status).toBe(200);
      await assign([]);
      expect(await judgesNow()).toBe(1);
      await assign([{ aiProviderId }]);
      expect((await admin.patch(path, { rules: [judge({ model: 'gpt-4.1' })] })).status).toBe(200);
      await assign([]);
      expect(await judgesNow()).toBe(0);
    });

    it('#24 is in use: it is not deleted unnoticed', async () => {
      await assign([]);
      const id = path.split('/')[2];
      const dependents = {
        counts: { workspaces: 0, policies: 1 },
        sampleIds: { workspaces: [], policies: [id] },
      };
      const key = `/ai-providers/${aiProviderId}`;
      expect((await owner.get(`${key}/dependents`)).body).toEqual(dependents);
      const refused = await owner.delete(key);
      expect([refused.status, refused.body.code]).toEqual([409, 'key_in_use']);
      expect(refused.body).toMatchObject({ dependents, detail: expect.stringContaining('1 policy(ies)') });
      expect((await owner.delete(`${key}?force=true`)).status).toBe(204);
    });
  });

  it('#14 a model that the key is not for is refused', async () => {
    await owner.patch(`/ai-providers/${aiProviderId}`, { models: ['gpt-4.1'] });
    const { status, body } = await make([judge()]);
    expect([status, body.errors[0].pointer]).toEqual([422, '/rules/0/model']);
    expect((await make([judge({ model: 'gpt-4.1' })])).status).toBe(201);
  });
});

describe('#49 a dry run of rules that read what is said', () => {
  const dryRun = async (rule: object) => {
    const { rules, matched, samples } = (
      await owner.post('/policies/dry-run', { scope: POLICY.scope, severity: 'HIGH', rules: [rule] })
    ).body;
    return { ...rules[0], matched, samples };
  };
  const keptRun = (text: string, retention = 'full', run = newUuid()) =>
    withSuperuser(api, async (pool) => {
      const [org, workspace] = [toUuid(owner.orgId), toUuid(owner.workspaceId)];
      const result = retention === 'none' ? null : JSON.stringify({ text, output: text, steps: [] });
      await pool.query(
        `INSERT INTO agent_runs (org_id, id, workspace_id, node_execution_id, request_hash, principal_id, status, result, retention)
         VALUES ($1, $2, $3, $4, '', 'tok_x', 'succeeded', $5, $6)`,
        [org, run, workspace, run, result, retention],
      );
      for (const [purpose, model] of [
        ['call', 'gpt-4.1'],
        ['judge', 'gpt-4.1-nano'],
      ])
        await pool.query(
          `INSERT INTO usage_records (org_id, id, run_id, workspace_id, provider_key_id, key_version, provider, model, principal_id,
             outcome, input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, purpose)
           VALUES ($1, $2, $3, $4, $5, 1, 'openai', $6, 'tok_x', 'ok', 1, 1, 0, 0, $7)`,
          [org, newUuid(), run, workspace, toUuid(aiProviderId), model, purpose],
        );
    });

  it('judges the answers that are kept, and says of the rest that it cannot', async () => {
    await keptRun('Write to jane.roe@corp.example.com.');
    await keptRun('Nothing here.');
    await keptRun('', 'none');
    const pii = (on: string) => ({ type: 'pii', kinds: ['email'], on, action: 'block' });
    const output = await dryRun(pii('output'));
    expect(output).toMatchObject({ matched: 1, notJudged: 1 });
    expect(JSON.stringify(output.samples)).not.toContain('jane');
    expect(await dryRun(pii('both'))).toMatchObject({ matched: 1, notJudged: 2 });
    expect(await dryRun(pii('input'))).toMatchObject({ matched: 0, notJudged: 3 });
    const pattern = { type: 'pattern', pattern: 'Nothing', on: 'output', action: 'redact' };
    expect(await dryRun(pattern)).toMatchObject({ matched: 1, notJudged: 1 });
    expect(await dryRun(judge())).toMatchObject({ matched: 0, notJudged: 3 });
    expect(await dryRun({ type: 'retention', content: 'none' })).toMatchObject({ matched: 0, notJudged: 3 });
  });

  describe('#5 is no way around a permission document', () => {
    const dryRunBy = async (statements: object[], rule: object) => {
      const permissions = statements.map((statement) => ({ resources: ['*'], ...statement }));
      const made = await owner.post('/tokens', { name: 'T', kind: 'api', permissions });
      const body = { scope: POLICY.scope, severity: 'HIGH', rules: [rule] };
      const answer = await api.stranger().withToken(made.body.token).post('/policies/dry-run', body);
      expect([answer.status, answer.body.detail]).toEqual([200, undefined]);
      return answer.body;
    };
    const code = { type: 'pattern', pattern: 'code is 7', on: 'output', action: 'detect' };
    const gpt = { type: 'models', deny: ['gpt-4.1'] };
    const all = { effect: 'Allow', actions: ['*'] };
    const runs = { effect: 'Allow', actions: ['policies:DryRunPolicy'] };
    const none = { runs: 0, notLookedAt: 1, matched: 0, samples: [] };

    it('answers are read only for who may read the runs: of the others it says how many it left out', async () => {
      await keptRun('The code is 7391.');
      expect(await dryRunBy([runs], code)).toMatchObject(none);
      expect(await dryRunBy([runs, { ...all, actions: ['agentRuns:GetAgentRun'] }], code)).toMatchObject({
        ...{ runs: 1, notLookedAt: 0, matched: 1 },
      });
      // What reads no answer needs no right to read one.
      expect(await dryRunBy([runs], gpt)).toMatchObject({ runs: 1, notLookedAt: 0, matched: 1 });
      expect(await dryRunBy([runs], { ...code, on: 'input' })).toMatchObject({ runs: 1, matched: 0 });
    });

    it('a Deny of the workspace or of the run leaves it out, whatever the rule reads', async () => {
      const run = newUuid();
      await keptRun('The code is 7391.', 'full', run);
      const deny = (resource: string) => ({ effect: 'Deny', actions: ['*'], resources: [resource] });
      for (const resource of [owner.workspaceId, fromUuid('run', run)])
        for (const rule of [code, gpt])
          expect(await dryRunBy([all, deny(resource)], rule)).toMatchObject(none);
      expect(await dryRunBy([all], code)).toMatchObject({ runs: 1, notLookedAt: 0, matched: 1 });
    });
  });

  it('other rules see the run’s own call, not the question to a judge', async () => {
    await keptRun('Hello.');
    expect(await dryRun({ type: 'models', deny: ['*nano'] })).toMatchObject({ matched: 0, notJudged: 0 });
    expect(await dryRun({ type: 'models', deny: ['gpt-4.1'] })).toMatchObject({ matched: 1 });
  });
});
