import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PgPool } from '#lib/persistence';
import { startTwoPlanes, type TwoPlanes } from './two-planes.js';

const MODEL = 'gpt-4.1';
const HTTP_TOOL = {
  ...{ type: 'http', name: 'send_mail', description: 'Sends.', inputSchema: { type: 'object' } },
  ...{ method: 'POST', url: 'https://mail.example/send' },
};

interface Told {
  code: string | null;
  detail: string | null;
  aiProviderId: string | undefined;
}

describe('A: `resolve` equals a run over what is counted', () => {
  let planes: TwoPlanes;
  let pool: PgPool;
  let keys: Record<'main' | 'spare' | 'local' | 'second' | 'slow', string>;
  const rooms: Record<string, string> = {};
  let [runs, quotas] = [0, 0];

  beforeAll(async () => {
    planes = await startTwoPlanes();
    pool = new PgPool({ databaseUrl: planes.database.superuserUrl, max: 1 });
    const { openai, ollama } = planes.upstream.baseUrls;
    const secret = (name: string) => `sk-${name}-0123456789abcdefghij`;
    const add = (name: string, more: object = {}) =>
      planes.give({ name, provider: 'openai', secret: secret(name), baseUrl: openai, ...more });
    const local = (name: string) => planes.give({ name, provider: 'ollama', baseUrl: ollama });
    keys = {
      ...{ main: await add('main'), spare: await add('spare') },
      ...{ local: await local('local'), second: await local('second') },
      slow: await add('slow', { limits: { rpd: 1 } }),
    };
    const quota = (more: object) =>
      post('/quotas', {
        name: `Q${(quotas += 1)}`,
        window: 'month',
        mode: 'enforce',
        thresholds: [100],
        ...more,
      });
    const within = (room: string) => ({ scope: { type: 'workspace', id: rooms[room] } });
    const assigned: Record<string, (keyof typeof keys)[]> = {
      ...{ plain: ['main'], tools: ['main'], unpriced: ['local', 'second'], rate: ['slow', 'spare'] },
      ...{ runs: ['main', 'spare'], budget: ['main', 'spare'], output: ['main', 'spare'] },
    };
    for (const [room, names] of Object.entries(assigned)) {
      rooms[room] = (await post('/workspaces', { name: room })).id;
      const assignments = names.map((name, priority) => ({ aiProviderId: keys[name], priority }));
      await planes.owner.put(`/workspaces/${rooms[room]}/ai-providers`, { assignments });
    }
    await quota({ ...within('runs'), metric: 'runs', max: 0 });
    await quota({ ...within('budget'), metric: 'cost_micro_usd', max: 2_000 });
    await quota({ ...within('output'), metric: 'output_tokens', max: 100 });
    await quota({ scope: { type: 'key', id: keys.local }, metric: 'cost_micro_usd', max: 1_000_000 });
    await post('/policies', {
      ...{ name: 'no tools', scope: { type: 'workspace', id: rooms['tools'] }, severity: 'HIGH' },
      rules: [
        { type: 'tools', kinds: ['mcp'] },
        { type: 'max_output_tokens', max: 100 },
      ],
    });
    // What the engine remembers of a state is two seconds old at most.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }, 120_000);
  afterAll(async () => {
    await pool?.close();
    await planes?.stop();
  });

  const post = async (path: string, body: object) => {
    const answer = await planes.owner.post(path, body);
    if (answer.status >= 400) throw new Error(JSON.stringify(answer.body));
    return answer.body;
  };
  const resolve = (room: string, body: object) => post(`/workspaces/${rooms[room]}/resolve`, body);

  const run = async (room: string, agent: object): Promise<Told> => {
    const path = `/internal/v1/workspaces/${rooms[room]}/agent-runs`;
    const response = await fetch(`${planes.engine.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${planes.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ nodeExecutionId: `r-${(runs += 1)}`, agent: { prompt: '.', ...agent } }),
    });
    const body = (await response.json()) as {
      code?: string;
      detail?: string;
      served?: { aiProviderId: string };
    };
    return {
      code: body.code ?? null,
      detail: body.detail ?? null,
      aiProviderId: body.served?.aiProviderId,
    };
  };

  /** Both answer alike; `resolve`'s answer, to be looked at. */
  const alike = async (room: string, agent: Record<string, unknown>, facts: object = {}) => {
    const said = await resolve(room, { ...agent, ...facts });
    const tools = 'needs' in facts ? { tools: [HTTP_TOOL] } : {};
    const ran = await run(room, { ...agent, ...tools });
    const seconds = (text: string | null) => text && text.replace(/in \d+ s/, 'in N s');
    expect([said.ok, said.code, seconds(said.detail), said.choice?.aiProviderId]).toEqual([
      ...[ran.code === null, ran.code, seconds(ran.detail), ran.aiProviderId],
    ]);
    return said;
  };
  const stopped = (body: { trace: { gate: string; ok: boolean }[] }) => {
    expect(body.trace.filter(({ ok }) => !ok)).toEqual([body.trace.at(-1)]);
    return body.trace.at(-1)?.gate;
  };

  it('with room everywhere: all gates in the order of a call', async () => {
    const { trace } = await alike('plain', { model: MODEL });
    expect(trace.map(({ gate }: { gate: string }) => gate).join(' ')).toBe(
      'kill_switch token provider org_gate key plan policy curated capability rate executions budget',
    );
  });

  it('#45 a quota that is used up, and what a key that comes next is told', async () => {
    const body = await alike('runs', { model: MODEL });
    expect([body.code, stopped(body)]).toEqual(['quota_exceeded', 'budget']);
    expect(body.quotaRoom).toMatchObject([{ metric: 'runs', max: 0, left: 0 }]);
    expect(body.passedOver).toMatchObject([
      { aiProviderId: keys.main, gate: 'budget', code: 'quota_exceeded' },
      { aiProviderId: keys.spare, gate: 'budget', code: 'quota_exceeded' },
    ]);
  });

  it('#53 a budget and a quota of tokens, by the output that the call asks for', async () => {
    const large = await resolve('budget', { model: MODEL, maxOutputTokens: 100_000 });
    const ran = await run('budget', { model: MODEL, maxOutputTokens: 100_000 });
    expect([large.code, ran.code, stopped(large)]).toEqual(['budget_exceeded', 'budget_exceeded', 'budget']);
    await alike('budget', { model: MODEL, maxOutputTokens: 10 });
    // A call that names no end gets one of 4,096 tokens, which does not fit.
    expect((await resolve('output', { model: MODEL })).code).toBe('quota_exceeded');
    expect((await run('output', { model: MODEL })).code).toBe('quota_exceeded');
    await alike('output', { model: MODEL, maxOutputTokens: 50 });
  });

  it('#46 rules about tools and length: judged by the facts, else named as not judged', async () => {
    const unknown = await resolve('tools', { model: MODEL, needs: ['tools'] });
    const policy = unknown.trace.find(({ gate }: { gate: string }) => gate === 'policy');
    expect([unknown.ok, policy.detail]).toEqual([
      true,
      expect.stringMatching(
        /^Not judged: "no tools" \(HIGH\), rule 1 \(tools\).*rule 2 \(max_output_tokens\)/,
      ),
    ]);
    const tools = [{ kind: 'http', name: 'send_mail' }];
    const facts = { needs: ['tools'], tools };
    const refused = await alike('tools', { model: MODEL, maxOutputTokens: 10 }, facts);
    expect([refused.code, stopped(refused)]).toEqual(['policy_violation', 'policy']);
    expect((await alike('tools', { model: MODEL, maxOutputTokens: 101 })).code).toBe('policy_violation');
    const allowed = await alike('tools', { model: MODEL, maxOutputTokens: 100 }, {});
    expect(allowed.ok).toBe(true);
    const none = await resolve('tools', { model: MODEL, tools: [], maxOutputTokens: 100 });
    expect(none.trace.find(({ gate }: { gate: string }) => gate === 'policy').detail).toBe(
      'Allowed by "no tools" (HIGH).',
    );
  });

  it('#53 a budget of a key and a model without a price: the next key serves, and the list names it alone', async () => {
    const agent = { provider: 'ollama', model: 'llama3.1:8b' };
    expect((await alike('unpriced', agent)).choice.aiProviderId).toBe(keys.second);
    const { body } = await planes.owner.get(`/workspaces/${rooms['unpriced']}/models`);
    const listed = body.data.find(({ id }: { id: string }) => id === 'llama3.1:8b');
    expect(listed.aiProviderIds).toEqual([keys.second]);
    const pinned = await alike('unpriced', { model: `@${keys.local}/llama3.1:8b` });
    expect(pinned.code).toBe('model_not_available');
  });

  it('#40 a rate that is used up for longer than a call may wait', async () => {
    await alike('rate', { model: MODEL });
    const body = await alike('rate', { model: MODEL });
    expect([body.code, stopped(body)]).toEqual(['rate_limited', 'rate']);
    expect(body.headRoom).toMatchObject([{ scope: 'key', metric: 'rpd', left: 0 }]);
    expect(body.passedOver).toMatchObject([
      { aiProviderId: keys.slow, gate: 'rate', code: 'rate_limited' },
      {
        ...{ aiProviderId: keys.spare, gate: 'provider', code: null },
        detail: expect.stringMatching(/goes to the key "slow".*@aip_/),
      },
    ]);
  });

  it('#41 the executions of the plan: what is left counts down, and the last one is the last', async () => {
    const { rows } = await pool.query<{ used: number }>(
      `SELECT used FROM plan_counters WHERE resource LIKE 'executions:%'`,
      [],
    );
    const max = rows[0]!.used + 1;
    await pool.query(`INSERT INTO plans (slug, limits) VALUES ('spent', $1)`, [
      JSON.stringify({ executionsPerMonth: max }),
    ]);
    await pool.query(`UPDATE orgs SET plan = 'spent'`, []);
    await new Promise((resolved) => setTimeout(resolved, 2_000));
    await alike('plain', { model: MODEL });
    const body = await alike('plain', { model: MODEL });
    expect([body.code, stopped(body)]).toEqual(['plan_limit_reached', 'executions']);
    expect(body.trace.find(({ gate }: { gate: string }) => gate === 'plan').detail).toMatch(/"spent" allows/);
    expect(body.passedOver).toMatchObject([{ gate: 'executions', code: 'plan_limit_reached' }]);
  });
});
