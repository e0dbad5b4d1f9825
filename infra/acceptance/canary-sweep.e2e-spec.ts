import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { PgPool } from '#lib/persistence';
import { samplesOf, startFakeUpstream, startStack, type FakeUpstream, type RunningStack } from '#lib/testing';
import { Person, VENDORS } from './support/client.js';
import { contentOfSinks, SINKS, sweep, type Sink } from './support/sinks.js';

jest.setTimeout(240_000);

/** Such that every encoding differs from every other. */
const secretOf = (provider: string): string => `sk-${provider}-Canary+/=%22"quoted"&<x>9f2c71`;
const SECRETS = Object.fromEntries(VENDORS.map(({ provider }) => [provider, secretOf(provider)]));
const ROTATED = Object.fromEntries(
  VENDORS.map(({ provider }) => [`${provider} rotated`, `${secretOf(provider)}-second`]),
);
const ECHOES = ['raw', 'base64', 'percent', 'json'] as const;

describe('#33 a provider key in plaintext', () => {
  const seen: { responses: string[]; html: string[] } = { responses: [], html: [] };
  const hear = (text: string) => void seen.responses.push(text);
  let upstream: FakeUpstream;
  let stack: RunningStack;
  let owner: Person;
  let workflow: Person;
  let workspaceId: string;
  let clean: Record<Sink, string>;

  beforeAll(async () => {
    upstream = await startFakeUpstream();
    stack = await startStack({
      env: {
        CLAVIGER_EGRESS_ALLOW: `http://127.0.0.1/32:${upstream.port}`,
        CLAVIGER_LOG_LEVEL: 'debug',
        CLAVIGER_METRICS_PORT: '0',
      },
    });
    owner = new Person(stack.state.urls.web, undefined, hear);
    ({ workspaceId } = await owner.signUp('owner@sweep.test'));
    const { token } = await owner.ok<{ token: string }>('POST', '/api/v1/tokens', {
      name: 'Engine',
      kind: 'engine',
    });
    workflow = new Person(stack.state.urls.engine, token, hear);
    for (const vendor of VENDORS) await useKey(vendor);
    await browse();
    clean = await contentOfSinks(stack, seen);
  });

  afterAll(async () => {
    await stack?.stop();
    await upstream?.stop();
  });

  /** A key's whole life, with a vendor that gives the key back in every form, in text and in errors. */
  async function useKey({ provider, model, base }: (typeof VENDORS)[number]): Promise<void> {
    const body = { name: provider, provider, secret: SECRETS[provider], baseUrl: upstream.baseUrls[base] };
    const { id } = await owner.ok<{ id: string }>('POST', '/api/v1/ai-providers', body);
    await owner.send('POST', '/api/v1/ai-providers', body);
    await owner.send('POST', '/api/v1/ai-providers', { ...body, name: 7, unknownField: body.secret });
    await owner.ok('PUT', `/api/v1/workspaces/${workspaceId}/ai-providers`, {
      assignments: [{ aiProviderId: id }],
    });
    for (const echoKey of ECHOES) {
      upstream.script({ text: 'Here it is: ', echoKey });
      await run(model);
      upstream.script({ text: 'Here it is: ', echoKey });
      await run(model, 'text/event-stream');
      upstream.script({ status: 401, message: 'Incorrect API key provided: ', echoKey });
      await run(model);
      upstream.script({ status: 500, message: 'Failed with ', echoKey });
      await owner.send('POST', `/api/v1/ai-providers/${id}/test`);
    }
    await owner.send('GET', `/api/v1/ai-providers/${id}/models`);
    await owner.send('PATCH', `/api/v1/ai-providers/${id}`, { secret: ROTATED[`${provider} rotated`] });
    await run(model);
    await owner.send('GET', `/api/v1/ai-providers/${id}`);
    await owner.send('PATCH', `/api/v1/ai-providers/${id}`, { enabled: false });
    await run(model);
    await owner.send('PATCH', `/api/v1/ai-providers/${id}`, { enabled: true });
  }

  async function run(model: string, accept = 'application/json'): Promise<void> {
    const path = `/internal/v1/workspaces/${workspaceId}/agent-runs`;
    const agent = { model, prompt: 'Tell me your key.' };
    const body = { nodeExecutionId: crypto.randomUUID(), agent };
    const { body: answer } = await workflow.send<{ id?: string; runId?: string }>('POST', path, body, {
      accept,
    });
    const id = answer.id ?? answer.runId;
    if (id) await workflow.send('GET', `${path}/${id}`);
  }

  /** Everything that can be read again, and the pages of the web app. */
  async function browse(): Promise<void> {
    const { paths } = await owner.ok<{ paths: Record<string, object> }>('GET', '/api/v1/openapi.json');
    const reads = Object.entries(paths).flatMap(([path, operations]) => ('get' in operations ? [path] : []));
    // Whatever can be read of the organization and its workspace, a new list on the day it appears.
    const known = reads.map((path) => path.replace('/workspaces/{id}', `/workspaces/${workspaceId}`));
    const lists = known.filter((path) => !path.includes('{'));
    expect(lists.length).toBeGreaterThan(25);
    for (const path of lists) await owner.send('GET', path);
    for (const path of [
      '/',
      '/settings/ai-providers',
      '/settings/workspaces',
      '/settings/usage',
      '/settings/audit',
      '/sign-in',
    ]) {
      seen.html.push((await owner.send('GET', path)).text);
    }
  }

  it('really went out to the vendors, so that there was something to leak', () => {
    for (const secret of [...Object.values(SECRETS), ...Object.values(ROTATED)]) {
      expect(
        upstream.requests.some(({ headers }) =>
          JSON.stringify(headers).includes(JSON.stringify(secret).slice(1, -1)),
        ),
      ).toBe(true);
    }
    expect(upstream.requests.filter(({ url }) => /Canary/i.test(url))).toEqual([]);
  });

  it('is in no log, table, job, response, page or metric, in any encoding', () => {
    for (const sink of SINKS) expect(clean[sink].length).toBeGreaterThan(500);
    expect(sweep(clean, { ...SECRETS, ...ROTATED })).toEqual({});
  });

  it('leaves no trace of whose it is in the metrics, which do tell of its calls', () => {
    const seen = samplesOf(clean.metrics);
    for (const plane of ['api', 'engine', 'worker']) {
      const memory = new RegExp(`^process_resident_memory_bytes\\{plane="${plane}"\\} [1-9]\\d+$`);
      expect(seen).toContainEqual(expect.stringMatching(memory));
    }
    for (const { provider } of VENDORS) {
      const refused = `claviger_upstream_calls_total{outcome="refused",plane="engine",provider="${provider}"} `;
      expect(seen).toContainEqual(expect.stringContaining(refused));
    }
    expect(clean.metrics).not.toMatch(/[a-z]{2,3}_[0-9a-z]{26}|[0-9a-f]{8}-[0-9a-f]{4}-|sweep\.test/);
  });

  it('would be found: a leak planted in each of these places is', async () => {
    const planted = SECRETS['openai'] ?? '';
    appendFileSync(join(stack.dataDir, 'logs/engine.log'), `${JSON.stringify({ msg: planted })}\n`);
    const pool = new PgPool({ databaseUrl: stack.state.databaseUrl, max: 1 });
    await pool.query('UPDATE orgs SET name = $1', [planted]);
    await pool.query(
      `INSERT INTO bullmq.job (queue, id, seq, name, state, data, added_at_ms) VALUES ('planted', '1', 0, 'planted', 'completed', $1, 0)`,
      [JSON.stringify({ secret: Buffer.from(` ${planted}`).toString('base64') })],
    );
    await pool.close();
    await owner.send('GET', '/api/v1/auth/me');
    seen.html.push((await owner.send('GET', `/invite/${encodeURIComponent(planted)}`)).text);
    const found = sweep(await contentOfSinks(stack, seen), SECRETS);
    const finding = SINKS.filter((sink) => found[sink]?.some((find) => find.startsWith('openai: ')));
    // Nobody can put anything into a metric: its labels are words of ours.
    expect(finding).toEqual(SINKS.filter((sink) => sink !== 'metrics'));
    expect(found.jobs).toContain('openai: base64 at 1');
  });
});
