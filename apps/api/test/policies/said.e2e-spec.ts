import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { Person } from '../support/person.js';
import { startTwoPlanes, type TwoPlanes } from '../tiers/two-planes.js';

const MODEL = 'gpt-4.1-mini';
const MAIL = 'jane.roe@corp.example.com';

let planes: TwoPlanes;
let owner: Person;
let judgeKey: string;

beforeAll(async () => {
  planes = await startTwoPlanes();
  ({ owner } = planes);
  const baseUrl = planes.upstream.baseUrls.openai;
  await planes.give({ name: 'K', provider: 'openai', secret: 'sk-said-0123456789abcd', baseUrl });
  const judge = { name: 'J', provider: 'openai', secret: 'sk-said-judge-0123456789', baseUrl };
  judgeKey = (await owner.post('/ai-providers', judge)).body.id;
}, 120_000);
afterAll(() => planes?.stop());
beforeEach(() => planes.upstream.reset());

async function whilePolicy<T>(name: string, rule: object, act: () => Promise<T>): Promise<T> {
  const policy = { name, scope: { type: 'organization' }, severity: 'HIGH', rules: [rule] };
  const { status, body } = await owner.post('/policies', policy);
  expect([status, body.detail]).toEqual([201, undefined]);
  await delay(2_000);
  const result = await act();
  expect((await owner.delete(`/policies/${body.id}`)).status).toBe(204);
  await delay(2_000);
  return result;
}

const told = async (name: string) => {
  const { data } = (await owner.get('/policies/violations')).body;
  return (data as { policyName: string; action: string; detail: string }[]).filter(
    ({ policyName }) => policyName === name,
  );
};

describe('#46 #47 #48 over both planes', () => {
  it('personal data that a policy blocks: a violation, an audit row, no upstream call', async () => {
    const rule = { type: 'pii', kinds: ['email'], on: 'input', action: 'block' };
    const answer = await whilePolicy('No mail', rule, () =>
      planes.run({ model: MODEL, prompt: `Ask ${MAIL}.` }),
    );
    const problem = (await answer.json()) as { code: string };
    expect([answer.status, problem.code, planes.upstream.requests.length]).toEqual([
      422,
      'policy_violation',
      0,
    ]);
    expect(await told('No mail')).toEqual([
      expect.objectContaining({ action: 'blocked', ruleType: 'pii', detail: 'The call sends 1 × email.' }),
    ]);
    const { data } = (await owner.get('/audit-events?action=policies.Block')).body;
    expect(data).toHaveLength(1);
    expect(JSON.stringify([problem, data, await told('No mail')])).not.toContain('jane.roe');
  });

  it('a judge with a key of its own, named by an OWNER: asked, metered, obeyed', async () => {
    const rule = {
      type: 'judge',
      instruction: 'Nobody may speak of mergers.',
      ...{ aiProviderId: judgeKey, model: 'gpt-4.1-nano', on: 'input' },
    };
    const codes = await whilePolicy('No mergers', rule, async () => {
      planes.upstream.script({ text: '{"violates": true, "reason": "a merger"}' });
      const refused = await planes.run({ model: MODEL, prompt: 'The merger?' });
      planes.upstream.script({ text: '{"violates": false, "reason": "none"}' }, { text: 'Fine.' });
      const allowed = await planes.run({ model: MODEL, prompt: 'The weather?' });
      return [refused.status, allowed.status];
    });
    expect([codes, planes.upstream.requests.length]).toEqual([[422, 200], 3]);
    expect(await told('No mergers')).toEqual([
      expect.objectContaining({ action: 'blocked', ruleType: 'judge' }),
    ]);
    const usage = (await owner.get(`/usage?aiProviderId=${judgeKey}&groupBy=model`)).body;
    expect(usage.data).toEqual([expect.objectContaining({ group: 'gpt-4.1-nano', calls: 2 })]);
    const workspaceKeys = (await owner.get(`/workspaces/${owner.workspaceId}/ai-providers`)).body;
    expect(JSON.stringify(workspaceKeys)).not.toContain(judgeKey);
  });
});
