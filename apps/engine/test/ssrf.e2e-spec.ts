import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { newId } from '#lib/kernel';
import {
  SSRF_CORPUS,
  ssrfResolver,
  ssrfUrl,
  startFakeUpstream,
  startSink,
  tally,
  type FakeUpstream,
  type Sink,
} from '#lib/testing';
import { run, startStage, type Answer, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';

// Some thousand requests, on whatever machine this is.
jest.setTimeout(240_000);

const SECRET = 'sk-ssrf-0123456789abcdef';
const LISTED = newId('org');
/** For the control: the operator opened the sink for it. */
const OPENED = newId('org');
const MODEL = 'gpt-4.1-mini';

let stage: Stage;
let sink: Sink;
let ollama: FakeUpstream;
let sibling: FakeUpstream;
/** Of the organization that the operator listed places for. */
let listed: Tenant;
/** What these names resolve to from now on, one answer after the other; the last one stays. */
const turns = new Map<string, string[][]>();

beforeAll(async () => {
  [sink, ollama, sibling] = await Promise.all([startSink(), startFakeUpstream(), startFakeUpstream()]);
  const resolver = async (host: string): Promise<string[]> => {
    const answers = turns.get(host);
    if (!answers) return ssrfResolver(host);
    return (answers.length > 1 ? answers.shift() : answers[0]) ?? [];
  };
  const alsoAllow = [
    `http://127.0.0.1/32:${ollama.port}@${LISTED}`,
    `http://127.0.0.3/32:${sink.port}@${LISTED}`,
    `http://127.0.0.1/32:${sink.port}@${OPENED}`,
  ];
  stage = await startStage({ resolver, alsoAllow });
  listed = await stage.tenants.create('unlimited', LISTED);
});
afterAll(async () => {
  await stage?.stop();
  await Promise.all([sink.stop(), ollama.stop(), sibling.stop()]);
});
beforeEach(() => {
  for (const fake of [stage.upstream, ollama, sibling]) fake.reset();
  sink.reset();
  turns.clear();
});

const tool = (url: string, headers: Record<string, string> = {}) => ({
  type: 'http',
  name: 'lookup',
  description: 'Looks something up.',
  method: 'GET',
  url,
  headers,
  inputSchema: { type: 'object', properties: {} },
});
const keyFor = (tenant: Tenant, baseUrl = stage.upstream.baseUrls.openai) =>
  stage.tenants.key(tenant, { provider: 'openai', secret: SECRET, baseUrl });
/** Another workspace of a tenant's organization. */
async function anotherOf(tenant: Tenant): Promise<Tenant> {
  return { ...tenant, workspaceId: await stage.tenants.workspace(tenant.orgId) };
}
const codesOf = (answers: Answer[]) => tally(answers, ({ status, body }) => `${status} ${body.code}`);

describe('#50 the SSRF corpus, dialled by the engine', () => {
  it('as the URL of an http tool: every run is refused before anything is sent or written', async () => {
    const tenant = await stage.tenants.create();
    await keyFor(tenant);
    const answers: Answer[] = [];
    for (const entry of SSRF_CORPUS) {
      const tools = [tool(ssrfUrl(entry, 'http', sink.port), { 'x-api-key': SECRET })];
      const answer = await run(stage, tenant, { model: MODEL, prompt: 'Look.', tools });
      if (answer.body.code === 'egress_blocked')
        expect(answer.body.detail).toMatch(
          /CLAVIGER_EGRESS_ALLOW|No setting allows it|must start with https/,
        );
      answers.push(answer);
    }
    const codes = codesOf(answers);
    expect(Object.keys(codes).sort()).toEqual(['422 egress_blocked', '422 validation_failed']);
    const rows = await stage.db.query<{ n: number }>('SELECT count(*)::int AS n FROM agent_runs', []);
    expect([sink.connections.length, stage.upstream.requests.length, rows.rows[0]?.n]).toEqual([0, 0, 0]);
    console.info(
      `SSRF, tool URLs over the engine: ${answers.length} runs, ${JSON.stringify(codes)}, 0 connections`,
    );
  });

  it('as a base URL that was written behind the api’s back: every run ends without a connection', async () => {
    const answers: Answer[] = [];
    for (const entry of SSRF_CORPUS) {
      const tenant = await stage.tenants.create();
      await keyFor(tenant, ssrfUrl(entry, 'http', sink.port));
      answers.push(await run(stage, tenant, { model: MODEL, prompt: 'Hi.' }));
    }
    expect(sink.connections).toEqual([]);
    const codes = codesOf(answers);
    console.info(
      `SSRF, base URLs over the engine: ${answers.length} runs, ${JSON.stringify(codes)}, 0 connections`,
    );
    expect(codes).toEqual({ '422 egress_blocked': SSRF_CORPUS.length });
    expect(answers.every(({ body }) => !JSON.stringify(body).includes(SECRET))).toBe(true);
    // It is the guard that refuses, and not that the key was sealed for another place.
    const elsewhere = answers.filter(({ body }) => body.detail?.includes('was entered for'));
    expect(elsewhere.length).toBeLessThanOrEqual(1); // `http://`, which the call's path makes a host of
  });

  it('control: where the operator opened 127.0.0.1 for an organization, each of its spellings arrives', async () => {
    const tenant = await stage.tenants.create('unlimited', OPENED);
    const loopback = SSRF_CORPUS.filter(({ means }) => means === '127.0.0.1');
    for (const entry of loopback) {
      const url = new URL(ssrfUrl(entry, 'http', sink.port));
      if (url.username || url.password) continue;
      const workspace = await anotherOf(tenant);
      await keyFor(workspace, ssrfUrl(entry, 'http', sink.port));
      await run(stage, workspace, { model: MODEL, prompt: 'Hi.' });
      expect([entry.template, sink.requests.pop()?.headers['authorization']]).toEqual([
        entry.template,
        `Bearer ${SECRET}`,
      ]);
    }
    console.info(
      `SSRF control over the engine: ${sink.connections.length} of ${loopback.length} spellings of 127.0.0.1 reached the sink`,
    );
    expect(sink.connections.length).toBeGreaterThanOrEqual(80);
  });
});

describe('#50 between check and dial', () => {
  it('a tool’s name that turns private after the run was accepted is not reached', async () => {
    const tenant = await anotherOf(listed);
    await keyFor(tenant);
    const url = `http://rebind.example.com:${sink.port}/`;
    const ask = async () => {
      stage.upstream.script({ toolCalls: [{ name: 'lookup', input: {} }] }, { text: 'Done.' });
      const tools = [tool(url, { 'x-api-key': SECRET })];
      return (await run(stage, tenant, { model: MODEL, prompt: 'Look.', tools })).body;
    };
    turns.set('rebind.example.com', [['127.0.0.3']]);
    expect((await ask()).steps[0]).toMatchObject({
      toolCalls: [{ output: { internal: true }, error: null }],
    });
    expect(sink.connections).toEqual(['127.0.0.3']);
    for (const turned of ['127.0.0.1', '::1', '10.0.0.1', '169.254.169.254']) {
      turns.set('rebind.example.com', [['127.0.0.3'], [turned]]);
      const body = await ask();
      expect(body.steps[0]).toMatchObject({
        toolCalls: [{ error: expect.stringMatching(/not a public address|metadata/) }],
      });
    }
    expect(sink.connections).toEqual(['127.0.0.3']);
  });

  it.each([301, 302, 303, 307, 308])(
    'a %i of the provider takes no credential to a second origin',
    async (status) => {
      const tenant = await stage.tenants.create();
      await keyFor(tenant);
      for (const location of [`http://127.0.0.1:${sink.port}/v1`, `http://127.0.0.3:${sink.port}/v1`]) {
        stage.upstream.script({ status, headers: { location } });
        const { body } = await run(stage, tenant, { model: MODEL, prompt: 'Hi.' });
        expect([body.status, body.code]).toEqual([422, 'egress_blocked']);
        expect(body.detail).toMatch(/redirect/);
      }
      expect([stage.upstream.requests.length, sink.connections.length]).toEqual([2, 0]);
    },
  );
});

describe('#50 an Ollama that the operator listed for one organization', () => {
  const llama = { model: 'llama3.1:8b', prompt: 'Hi.' };
  const at = (fake: FakeUpstream) => ({ provider: 'ollama', secret: null, baseUrl: fake.baseUrls.ollama });

  it('serves that organization; its sibling port and another organization are refused', async () => {
    const [own, besides, other] = [
      await anotherOf(listed),
      await anotherOf(listed),
      await stage.tenants.create(),
    ];
    await stage.tenants.key(own, at(ollama));
    await stage.tenants.key(besides, at(sibling));
    await stage.tenants.key(other, at(ollama));

    const served = await run(stage, own, llama);
    expect([served.status, served.body.status, ollama.requests.length]).toEqual([200, 'succeeded', 1]);
    const port = await run(stage, besides, llama);
    const org = await run(stage, other, llama);
    expect([port.body.code, org.body.code]).toEqual(['egress_blocked', 'egress_blocked']);
    expect(port.body.detail).toContain(`CLAVIGER_EGRESS_ALLOW=http://127.0.0.1/32:${sibling.port}`);
    expect([ollama.requests.length, sibling.requests.length, await sibling.connections()]).toEqual([1, 0, 0]);
    console.info(
      'allow-listed Ollama: 1 run of its organization served; sibling port 0, another organization 0 requests',
    );
  });
});
