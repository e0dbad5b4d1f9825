import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PRIVATE_CA, startFakeProxy, startTlsFront, type FakeProxy, type TlsFront } from '#lib/testing';
import { allFrames } from './support/sse.js';
import { run, send, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';
import { newId } from '#lib/kernel';

const SECRET = 'sk-by-proxy-0123456789abcdef';
const CREDENTIALS = 'claviger:hunter2-hunter2';
const BASIC = `Basic ${Buffer.from(CREDENTIALS).toString('base64')}`;
const { host: HOST, address: ADDRESS } = PRIVATE_CA.upstream;
const AGENT = { model: 'gpt-4.1-mini', prompt: 'Hi.' };

let stage: Stage;
let proxy: FakeProxy;
let front: TlsFront;
let tenant: Tenant;

beforeAll(async () => {
  front = await startTlsFront(PRIVATE_CA.upstream, () => stage.upstream.port);
  const routes = () => ({ host: '127.0.0.1', port: front.port });
  proxy = await startFakeProxy({ credentials: CREDENTIALS, routes });
  stage = await startStage({
    egressProxy: {
      scheme: 'http',
      host: '127.0.0.1',
      port: proxy.port,
      connectBy: 'address',
      authorization: () => BASIC,
    },
    egressCa: [PRIVATE_CA.ca],
    resolver: async (host) => (host === HOST ? [ADDRESS] : []),
  });
});
afterAll(async () => {
  await stage?.stop();
  await proxy.stop();
  await front.stop();
});
beforeEach(async () => {
  stage.upstream.reset();
  proxy.fail(null);
  proxy.connects.length = 0;
  tenant = await stage.tenants.create();
  const baseUrl = `https://${HOST}/openai/v1`;
  await stage.tenants.key(tenant, { provider: 'openai', secret: SECRET, baseUrl });
});

describe('#50 a run through the operator’s proxy', () => {
  it('answers, synchronous and streamed, over a tunnel to the judged address; tools on the list go straight', async () => {
    const tools = [
      {
        type: 'http',
        name: 'near',
        description: 'A listed tool.',
        method: 'GET',
        url: stage.tools.url,
        inputSchema: { type: 'object', properties: {} },
      },
    ];
    stage.upstream.script({ toolCalls: [{ name: 'near', input: {} }] }, { text: 'By tunnel.' });
    const { status, body } = await run(stage, tenant, { ...AGENT, tools });
    expect([status, body.text, stage.tools.calls.length]).toEqual([200, 'By tunnel.', 1]);
    const streamed = await send(stage, tenant, 'POST', '/agent-runs', {
      body: { nodeExecutionId: newId('req'), agent: AGENT },
      headers: { accept: 'text/event-stream' },
    });
    expect((await allFrames(streamed)).at(-1)?.event).toBe('run.finished');
    expect(stage.upstream.requests.map(({ headers }) => headers['authorization'])).toEqual(
      Array.from({ length: 3 }, () => `Bearer ${SECRET}`),
    );
    expect(new Set(proxy.connects.map(({ authority }) => authority))).toEqual(new Set([`${ADDRESS}:443`]));
    expect(proxy.others).toEqual([]);
    expect(proxy.tunnelled()).not.toContain(SECRET);
  });

  it.each([
    [{ status: 407 }, 502, 'upstream_error', /407.*platform operator/],
    [{ status: 502 }, 502, 'upstream_error', /502.*platform operator/],
    [{ status: 504 }, 504, 'upstream_timeout', /504.*platform operator/],
    ['close', 502, 'upstream_error', /platform operator/],
  ] as const)(
    'a proxy that answers %j is a named error without a trace of its credentials',
    async (fault, status, code, text) => {
      proxy.fail(fault);
      const answer = await run(stage, tenant, AGENT);
      expect([answer.status, answer.body.code]).toEqual([status, code]);
      expect(answer.body.detail).toMatch(text);
      const rows = await stage.db.query<{ row: string }>(
        'SELECT row_to_json(r)::text AS row FROM agent_runs r UNION ALL SELECT row_to_json(e)::text FROM audit_events e',
        [],
      );
      const shown = JSON.stringify([answer.body, rows.rows]);
      for (const secret of ['hunter2', BASIC.slice(6), `:${proxy.port}`, SECRET, 'corp-secret-realm'])
        expect(shown).not.toContain(secret);
      expect(stage.upstream.requests).toEqual([]);
    },
  );
});
