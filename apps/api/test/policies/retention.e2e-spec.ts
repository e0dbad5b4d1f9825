import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { PgPool } from '#lib/persistence';
import type { Person } from '../support/person.js';
import { startTwoPlanes, type TwoPlanes } from '../tiers/two-planes.js';

/** Words that are nowhere but in what is said. */
const WORDS = ['zzprompt', 'zzsystem', 'zzanswer', 'zzinput', 'zzerror', 'zzvendor', 'zzschema'];
const MODEL = 'gpt-4.1-mini';

let planes: TwoPlanes;
let root: PgPool;
let owner: Person;

beforeAll(async () => {
  planes = await startTwoPlanes();
  root = new PgPool({ databaseUrl: planes.database.superuserUrl, max: 2 });
  ({ owner } = planes);
  const key = {
    name: 'K',
    provider: 'openai',
    secret: 'sk-retention-0123456789',
    baseUrl: planes.upstream.baseUrls.openai,
  };
  await planes.give(key);
}, 120_000);
afterAll(async () => {
  await root?.close();
  await planes?.stop();
});

/** Every row of every table, the queue's schema included, as text; bytes as hexadecimal. */
async function dumpedRows(): Promise<string> {
  const { rows } = await root.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  );
  expect(rows.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['public.agent_runs', 'public.audit_events']),
  );
  expect(rows.some(({ name }) => name.startsWith('bullmq.'))).toBe(true);
  const tables = await Promise.all(
    rows.map(({ name }) => root.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`)),
  );
  return tables.flatMap((table) => table.rows.map(({ row }) => row)).join('\n');
}

/** Which of the words are in the database or in what the engine wrote to its log. */
async function foundWords(): Promise<string[]> {
  await delay(1_000);
  const places = `${await dumpedRows()}\n${planes.engine.output()}`;
  const hex = (word: string): string => Buffer.from(word).toString('hex');
  return WORDS.filter((word) => places.includes(word) || places.includes(hex(word)));
}

const tool = {
  type: 'http',
  name: 'look',
  description: 'zzschema',
  inputSchema: { type: 'object', properties: {} },
  method: 'POST',
  url: 'https://tool.example.com/',
};

/** Runs of every kind: answered, streamed, with a tool, of no use, refused by the vendor, cut off. Answers what the first said. */
async function runAll(): Promise<string> {
  const agent = { model: MODEL, system: 'zzsystem', prompt: 'zzprompt' };
  const { upstream, run } = planes;
  upstream.script({ text: 'zzanswer' });
  const { text } = (await (await run(agent)).json()) as { text: string };
  upstream.script({ text: ['zzan', 'swer'] });
  expect(await (await run(agent, 'text/event-stream')).text()).toContain('run.finished');
  upstream.script({ toolCalls: [{ name: 'look', input: { q: 'zzinput' } }] }, { text: 'zzanswer' });
  await (await run({ ...agent, tools: [tool] })).text();
  upstream.script({ text: 'zzanswer' });
  expect((await run({ ...agent, output: { type: 'boolean' } })).status).toBe(422);
  upstream.script({ status: 400, message: 'zzerror' }, { status: 401, message: 'zzvendor' });
  expect([(await run(agent)).status, (await run(agent)).status]).toEqual([502, 502]);
  upstream.script({ text: ['zzanswer ', 'x'], cutAfter: 1 });
  expect((await run(agent)).status).toBe(502);
  return text;
}

async function keep(content: string): Promise<void> {
  const policy = {
    name: content,
    scope: { type: 'organization' },
    severity: 'LOW',
    rules: [{ type: 'retention', content }],
  };
  expect((await owner.post('/policies', policy)).status).toBe(201);
  await delay(2_000);
}

describe('#48 retention', () => {
  it('`none` leaves no word of what was said in the database, the queue or the log; `metadata` none either', async () => {
    await keep('none');
    expect(await runAll()).toBe('zzanswer');
    expect(await foundWords()).toEqual([]);
    expect((await owner.send('PATCH', `/policies/${await idOf('none')}`, { enabled: false })).status).toBe(
      200,
    );
    await keep('metadata');
    expect(await runAll()).toBe('zzanswer');
    expect(await foundWords()).toEqual([]);
    const { rows } = await root.query(
      `SELECT retention, count(*)::int AS runs, count(result)::int AS kept, count(tools)::int AS tools FROM agent_runs GROUP BY 1 ORDER BY 1`,
    );
    expect(rows).toEqual([
      { retention: 'metadata', runs: 7, kept: 7, tools: 7 },
      { retention: 'none', runs: 7, kept: 0, tools: 0 },
    ]);
  }, 60_000);

  it('of several policies the strictest holds', async () => {
    await keep('full');
    await runAll();
    expect(await foundWords()).toEqual([]);
  }, 60_000);

  it('control: with `full` the words of answers are found', async () => {
    await owner.send('DELETE', `/policies/${await idOf('metadata')}`);
    await delay(2_000);
    await runAll();
    const asked = ['zzprompt', 'zzsystem', 'zzschema'];
    expect((await foundWords()).sort()).toEqual(
      [...asked, 'zzanswer', 'zzinput', 'zzerror', 'zzvendor'].sort(),
    );
  }, 60_000);
});

async function idOf(name: string): Promise<string> {
  const { data } = (await owner.get('/policies')).body as { data: { id: string; name: string }[] };
  return data.find((policy) => policy.name === name)?.id ?? '';
}
