import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MetricsPort } from '#lib/http';
import { ID_PREFIXES, toUuid } from '#lib/kernel';
import { samplesOf } from '#lib/testing';
import { run, send, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';

const SECRET = 'sk-metrics-0123456789abc';
const PERSON = 'person-of-the-metrics';

let stage: Stage;
let tenant: Tenant;
let keyId: string;

beforeAll(async () => {
  stage = await startStage({ metricsPort: 0 });
  tenant = await stage.tenants.create();
  keyId = await stage.tenants.key(tenant, {
    provider: 'openai',
    secret: SECRET,
    baseUrl: stage.upstream.baseUrls.openai,
  });
});
afterAll(() => stage?.stop());

async function scrape(): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${stage.app.get(MetricsPort).port}/metrics`);
  expect(answer.status).toBe(200);
  return answer.text();
}

/** Waits for what is counted once an answer is out. */
async function scrapeUntil(line: RegExp): Promise<string> {
  let text = await scrape();
  for (let waited = 0; waited < 5_000 && !line.test(text); waited += 50) {
    await new Promise((done) => setTimeout(done, 50));
    text = await scrape();
  }
  return text;
}

describe('the metrics of the engine', () => {
  it('tell runs by outcome, vendors’ calls and answers, the key service’s calls and requests by route', async () => {
    const agent = { model: 'gpt-4.1-mini', prompt: 'Hello' };
    await run(stage, tenant, agent);
    stage.upstream.script({ status: 401 });
    await run(stage, tenant, agent);
    await run(stage, tenant, { model: 'no-such-model', prompt: 'Hello' });
    const requests =
      /^claviger_http_request_duration_seconds_count\{.*route="\S+\/agent-runs",status="4xx"\} 1$/m;
    const text = await scrapeUntil(requests);
    expect(text).toMatch(requests);
    const route = '/internal/v1/workspaces/:workspaceId/agent-runs';
    expect(samplesOf(text)).toEqual(
      expect.arrayContaining([
        'claviger_agent_runs_total{outcome="succeeded",plane="engine"} 1',
        'claviger_agent_runs_total{outcome="upstream_auth_failed",plane="engine"} 1',
        'claviger_upstream_calls_total{outcome="ok",plane="engine",provider="openai"} 1',
        'claviger_upstream_calls_total{outcome="refused",plane="engine",provider="openai"} 1',
        'claviger_upstream_answer_seconds_count{plane="engine",provider="openai"} 2',
        'claviger_upstream_call_duration_seconds_count{outcome="ok",plane="engine",provider="openai"} 1',
        'claviger_upstream_call_duration_seconds_count{outcome="refused",plane="engine",provider="openai"} 1',
        'claviger_calls_open{plane="engine"} 0',
        'claviger_streams_open{plane="engine"} 0',
        'claviger_run_slots{plane="engine"} 100',
        'claviger_run_slots_used{plane="engine"} 0',
        // The second run finds the key in the cache.
        'claviger_kms_call_duration_seconds_count{operation="decrypt",outcome="ok",plane="engine"} 1',
        `claviger_http_request_duration_seconds_count{method="POST",plane="engine",route="${route}",status="2xx"} 1`,
        `claviger_http_request_duration_seconds_count{method="POST",plane="engine",route="${route}",status="5xx"} 1`,
      ]),
    );
  });

  it('tell of streams under way, and how far the writing of receipts is behind', async () => {
    stage.upstream.script({ text: ['a', 'b'], hang: 'body' });
    const stop = new AbortController();
    const body = {
      nodeExecutionId: 'node-of-an-open-stream',
      agent: { model: 'gpt-4.1-mini', prompt: 'Hello' },
    };
    const headers = { accept: 'text/event-stream' };
    const options = { body, headers, signal: stop.signal };
    const stream = await send(stage, tenant, 'POST', '/agent-runs', options);
    await scrapeUntil(/^claviger_streams_open\{plane="engine"\} 1$/m);
    const text = await scrape();
    expect(samplesOf(text)).toEqual(
      expect.arrayContaining([
        'claviger_streams_open{plane="engine"} 1',
        'claviger_calls_open{plane="engine"} 1',
      ]),
    );
    stop.abort();
    await stream.text().catch(() => undefined);
    for (const name of ['claviger_streams_open', 'claviger_calls_open', 'claviger_usage_waiting'])
      expect(await scrapeUntil(new RegExp(`^${name}\\{plane="engine"\\} 0$`, 'm'))).toContain(
        `${name}{plane="engine"} 0`,
      );
    expect(await scrape()).toContain('claviger_usage_lag_seconds{plane="engine"} 0');
  });

  it('hold no id, no name and no secret of anybody', async () => {
    await run(stage, tenant, { model: 'gpt-4.1-mini', prompt: 'Hello' }, { node: `node-${PERSON}` });
    const text = await scrape();
    for (const id of [tenant.orgId, tenant.workspaceId, tenant.tokenId, keyId, tenant.owner.userId]) {
      expect(text).not.toContain(id);
      expect(text).not.toContain(toUuid(id));
    }
    for (const planted of [SECRET, PERSON, tenant.token]) expect(text).not.toContain(planted);
    const values = [...text.matchAll(/="([^"]*)"/g)].map(([, value = '']) => value);
    expect(values.length).toBeGreaterThan(50);
    expect(
      values.filter((value) => new RegExp(`(?:${ID_PREFIXES.join('|')})_[0-9a-z]{26}`).test(value)),
    ).toEqual([]);
    expect(values.filter((value) => /[0-9a-f]{8}-[0-9a-f]{4}-/.test(value))).toEqual([]);
    const names = [...text.matchAll(/[{,](\w+)="/g)].map(([, name]) => name);
    expect([...new Set(names)].filter((name) => !LABELS.includes(name ?? ''))).toEqual([]);
  });

  it('are not on the plane’s own port, where tenants are', async () => {
    expect((await fetch(`${stage.url}/metrics`)).status).toBe(404);
  });
});

/** Every label there is: ours, and those of the process metrics. A new one is looked at here. */
const LABELS = [
  'plane',
  'method',
  'route',
  'status',
  'outcome',
  'provider',
  'operation',
  'le',
  'type',
  'space',
  'kind',
  'version',
  'major',
  'minor',
  'patch',
];
