import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { QUEUE_SCHEMA } from '#lib/contracts';
import { newId, toUuid } from '#lib/kernel';
import { formsOf, search } from './support/canaries.js';
import { Collector } from './support/collector.js';
import { startEngineProcess, type EngineProcess } from './support/engine-process.js';
import { addPolicy } from './support/policies.js';
import { allFrames } from './support/sse.js';
import { call, run, send, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';
import { until } from './support/until.js';

/** What was asked and what was answered, each to be found by itself. */
const [PROMPT, ANSWER, INPUT] = ['canary-asked-7c1e', 'canary-told-91ab', 'canary-tool-3d40'];
const CANARIES = [PROMPT, ANSWER, INPUT];

/** The operator's collector of traces. */
const collector = new Collector();
let stage: Stage;
let engine: EngineProcess;

beforeAll(async () => {
  stage = await startStage({ runSlots: 0 });
  engine = await startEngineProcess(stage, {
    CLAVIGER_LOG_LEVEL: 'debug',
    CLAVIGER_METRICS_PORT: '0',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: await collector.start(),
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  });
});
afterAll(async () => {
  await engine?.kill();
  await stage?.stop();
  await collector.stop();
});

async function metrics(): Promise<string> {
  const [, port] = /"port":(\d+)[^\n]*metrics are served/.exec(engine.log()) ?? [];
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
}

async function tenantThatKeeps(content: string | null): Promise<Tenant> {
  const tenant = await stage.tenants.create();
  const baseUrl = stage.upstream.baseUrls.openai;
  await stage.tenants.key(tenant, { provider: 'openai', secret: 'sk-zero-0123456789abcd', baseUrl });
  if (content) await addPolicy(stage, tenant, [{ type: 'retention', content }], { severity: 'LOW' });
  return tenant;
}

const TOOL = {
  ...{ type: 'http', name: 'weather', description: 'Weather.', method: 'GET' },
  inputSchema: { type: 'object', properties: { city: { type: 'string' } } },
};

/** Runs of every way in, ends that are good and bad. Answers when all of them are over. */
async function everyWay(tenant: Tenant): Promise<void> {
  const { url } = engine;
  const agent = { model: 'gpt-4.1-mini', prompt: `${PROMPT}: go on`, system: PROMPT };
  const tools = [{ ...TOOL, url: `${stage.tools.url}/weather` }];
  stage.upstream.respond(({ tools: known, toolResults, lastUserText }) => {
    if (lastUserText.includes('break')) return { text: [ANSWER, ' and'], cutAfter: 1 };
    if (lastUserText.includes('refuse')) return { status: 500, message: `${ANSWER} went wrong` };
    if (known.length > 0 && toolResults.length === 0)
      return { text: ANSWER, toolCalls: [{ name: 'weather', input: { city: INPUT } }] };
    return { text: [ANSWER, ' and ', ANSWER] };
  });
  expect((await run(stage, tenant, { ...agent, tools }, { url })).body.text).toContain(ANSWER);
  for (const prompt of [`${PROMPT}: break`, `${PROMPT}: refuse`])
    expect((await run(stage, tenant, { ...agent, prompt }, { url })).status).toBe(502);
  const body = { nodeExecutionId: newId('req'), agent };
  const streamed = await send(stage, tenant, 'POST', '/agent-runs', {
    ...{ body, url },
    headers: { accept: 'text/event-stream' },
  });
  expect((await allFrames(streamed)).at(-1)?.event).toBe('run.finished');
  const { body: later } = await run(stage, tenant, agent, { url, headers: { prefer: 'respond-async' } });
  await until(async () => (await statusOf(later.id)) === 'succeeded');
  await call(stage, tenant, 'GET', `/agent-runs/${later.id}`, { url });
}

async function statusOf(id: string): Promise<string | undefined> {
  const { rows } = await stage.db.query<{ status: string }>('SELECT status FROM agent_runs WHERE id = $1', [
    toUuid(id),
  ]);
  return rows[0]?.status;
}

/** Receipts are written a moment after the answer. */
async function receipts(tenant: Tenant): Promise<void> {
  await until(async () => {
    const { rows } = await stage.db.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM usage_records WHERE org_id = $1',
      [toUuid(tenant.orgId)],
    );
    return rows[0]!.n >= 6;
  });
}

/** Every span of these runs, as it came over the wire: those of a run come a moment after its end. */
async function traces(): Promise<string> {
  const RUNS = 5;
  await until(() => collector.text.split('"name":"invoke_agent"').length > RUNS);
  return collector.text;
}

describe('#48 of runs of which nothing may be kept', () => {
  it('nothing of what was asked, told or given to a tool is found afterwards: no column of any schema, no log, no metric, no trace', async () => {
    const tenant = await tenantThatKeeps('none');
    await everyWay(tenant);
    await receipts(tenant);
    const { found, schemas, columns } = await search(stage, CANARIES);
    expect(found).toEqual([]);
    expect(schemas).toEqual(expect.arrayContaining(['public', QUEUE_SCHEMA]));
    expect(columns).toBeGreaterThan(300);
    expect(engine.log()).toContain('"runId":"run_');
    const metered = await metrics();
    expect(metered).toContain('claviger_');
    const traced = await traces();
    for (const spoken of ['gpt-4.1-mini', 'gen_ai.usage.output_tokens', 'claviger.run.id'])
      expect(traced).toContain(spoken);
    for (const form of CANARIES.flatMap(formsOf))
      for (const [where, text] of Object.entries({ log: engine.log(), metered, traced }))
        expect([where, text.includes(form)]).toEqual([where, false]);
  }, 60_000);

  it('control: it is found where it may be kept, and where it was planted: as text, JSON, bytes, and packed', async () => {
    const tenant = await tenantThatKeeps(null);
    await everyWay(tenant);
    await receipts(tenant);
    const kept = (await search(stage, [ANSWER])).found;
    expect(kept).toEqual(expect.arrayContaining(['public.agent_runs.result', 'public.run_events.events']));
    const table = `${QUEUE_SCHEMA}.planted`;
    await stage.db.query(`CREATE TABLE ${table} (a text, b jsonb, c bytea, d bytea, e text)`);
    const planted = 'canary-planted-55e0';
    const packed = Buffer.from(`xx${planted}`).toString('base64');
    await stage.db.query(`INSERT INTO ${table} VALUES ($1, $2, $3, $4, $5)`, [
      ...[`a ${planted}`, JSON.stringify({ deep: [planted] }), Buffer.from(`b ${planted}`)],
      ...[Buffer.from('nothing'), packed],
    ]);
    expect((await search(stage, [planted])).found.sort()).toEqual(
      ['a', 'b', 'c', 'e'].map((column) => `${table}.${column}`),
    );
  }, 60_000);
});
