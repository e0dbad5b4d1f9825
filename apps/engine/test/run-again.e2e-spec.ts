import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId, toUuid } from '#lib/kernel';
import { addPolicy } from './support/policies.js';
import { call, run, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';
import { until } from './support/until.js';

const AGENT = {
  ...{ model: 'gpt-4.1-mini', system: 'You are terse.', prompt: 'Say it.', temperature: 0.5, maxSteps: 3 },
  output: {
    type: 'json',
    schema: { type: 'object', properties: { zulu: { type: 'string' }, alpha: { type: 'string' } } },
  },
};
const ANSWER = '{"zulu":"z","alpha":"a"}';

interface Fetched {
  id: string;
  status: string;
  retention?: string;
  request: object | null;
}

let stage: Stage;
let tenant: Tenant;

beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  stage.upstream.reset();
  tenant = await stage.tenants.create();
  const baseUrl = stage.upstream.baseUrls.openai;
  await stage.tenants.key(tenant, { provider: 'openai', secret: 'sk-again-0123456789abcd', baseUrl });
});

const fetched = async (id: string) =>
  (await call<Fetched>(stage, tenant, 'GET', `/agent-runs/${id}?include=request`)).body;
const stored = async (id: string) => {
  const { rows } = await stage.db.query<{ asked: unknown }>('SELECT asked FROM agent_runs WHERE id = $1', [
    toUuid(id),
  ]);
  return rows[0]?.asked;
};
const tool = (headers: object) => ({
  ...{ type: 'http', name: 'look', description: 'Looks.', method: 'GET', url: `${stage.tools.url}/x` },
  inputSchema: { type: 'object', properties: {} },
  headers,
});
const sent = () => stage.upstream.requests.map(({ body }) => body);

describe('#38 #48 what a run was asked, to be asked again', () => {
  it('is told with the run by its id, and asked again it is the same request to the vendor', async () => {
    stage.upstream.script({ text: ANSWER }, { text: ANSWER });
    const first = await run(stage, tenant, AGENT);
    expect('request' in first.body).toBe(false);
    const { request } = await fetched(first.body.id);
    const second = await run(stage, tenant, request ?? {});
    expect([second.status, second.body.output]).toEqual([200, { zulu: 'z', alpha: 'a' }]);
    // To the letter: a model reads the order of a schema, too.
    expect(JSON.stringify(sent()[1])).toBe(JSON.stringify(sent()[0]));
    const list = await call<{ data: object[] }>(stage, tenant, 'GET', '/agent-runs');
    expect(list.body.data.map((listed) => 'request' in listed)).toEqual([false, false]);
  });

  it('is there of a run that waited for its turn, of one that waits for a tool, and of one that failed', async () => {
    const ask = { ...tool({}), type: 'client', method: undefined, url: undefined, headers: undefined };
    stage.upstream.script({ text: '', toolCalls: [{ name: 'look', input: {} }] });
    const paused = await run(stage, tenant, { model: AGENT.model, prompt: 'Hi.', tools: [ask] });
    expect((await fetched(paused.body.id)).request).toMatchObject({ tools: [{ type: 'client' }] });
    stage.upstream.script({ status: 500 });
    const failed = await run(stage, tenant, { model: AGENT.model, prompt: 'Fail.' });
    expect((await fetched(failed.body.runId ?? '')).request).toMatchObject({
      messages: [{ role: 'user', content: 'Fail.' }],
    });
    stage.upstream.script({ text: 'Later.' });
    const headers = { prefer: 'respond-async' };
    const later = await run(stage, tenant, { model: AGENT.model, prompt: 'Later.' }, { headers });
    await until(async () => (await fetched(later.body.id)).status === 'succeeded');
    expect((await fetched(later.body.id)).request).toMatchObject({ maxSteps: 20 });
  });

  it('is kept as it went out: what a policy redacts is not in it', async () => {
    const kinds = { kinds: ['email'], on: 'input', action: 'redact' };
    await addPolicy(stage, tenant, [{ type: 'pii', ...kinds }]);
    stage.upstream.script({ text: 'Done.' });
    const { body } = await run(stage, tenant, { model: AGENT.model, prompt: 'Write to a.b@corp.test.' });
    const { request } = await fetched(body.id);
    expect(JSON.stringify(request)).toContain('Write to ');
    expect(JSON.stringify(await stored(body.id))).not.toContain('corp.test');
  });

  it.each(['metadata', 'none'])('is kept nowhere where a policy keeps "%s" of a run', async (content) => {
    await addPolicy(stage, tenant, [{ type: 'retention', content }], { severity: 'LOW' });
    stage.upstream.script({ text: 'Once.' });
    const { body } = await run(stage, tenant, { model: AGENT.model, prompt: 'Hi.' });
    expect(await fetched(body.id)).toMatchObject({ retention: content, request: null });
    expect(await stored(body.id)).toBeNull();
  });

  it('goes when the run ends under a policy that came in meanwhile, and when an organization is emptied', async () => {
    stage.upstream.script({ text: 'Once.' }, { text: 'Twice.' });
    const [one, other] = [await run(stage, tenant, asking('a')), await run(stage, tenant, asking('b'))];
    expect([await stored(one.body.id), await stored(other.body.id)]).not.toContain(null);
    await stage.db.query(`UPDATE agent_runs SET retention = 'metadata' WHERE id = $1`, [toUuid(one.body.id)]);
    await stage.db.query(`UPDATE agent_runs SET request_hash = '' WHERE id = $1`, [toUuid(other.body.id)]);
    expect([await stored(one.body.id), await stored(other.body.id)]).toEqual([null, null]);
  });

  it('is not kept with a header that may be a password, nor when it is very long; a reference is', async () => {
    stage.upstream.script({ text: '1' }, { text: '2' }, { text: '3' });
    const base = { model: AGENT.model, prompt: 'Hi.' };
    const secret = await run(stage, tenant, { ...base, tools: [tool({ authorization: 'Bearer canary' })] });
    expect((await fetched(secret.body.id)).request).toBeNull();
    const long = await run(stage, tenant, { ...base, system: 'x'.repeat(270_000) });
    expect([long.status, (await fetched(long.body.id)).request]).toEqual([200, null]);
    const plain = await run(stage, tenant, { ...base, tools: [tool({ accept: 'text/plain' })] });
    expect((await fetched(plain.body.id)).request).toMatchObject({ tools: [{ name: 'look' }] });
  });

  it('is of the workspace: another one gets the same 404 as for a run that does not exist', async () => {
    stage.upstream.script({ text: 'Once.' });
    const { body } = await run(stage, tenant, { model: AGENT.model, prompt: 'Hi.' });
    const stranger = await stage.tenants.create();
    const [theirs, none] = await Promise.all(
      [body.id, newId('run')].map((id) => call<object>(stage, stranger, 'GET', `/agent-runs/${id}`)),
    );
    expect([theirs?.status, none?.status]).toEqual([404, 404]);
  });
});

function asking(prompt: string): object {
  return { model: AGENT.model, prompt };
}
