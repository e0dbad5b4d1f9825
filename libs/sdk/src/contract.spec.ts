import { describe, expect, it } from '@jest/globals';
import { ERROR_CODES, RUN_EVENTS } from '../../contracts/src/index.js';
import { ClavigerError, ERROR_CODES as CODES_OF_SDK, RUN_EVENT_TYPES, type Problem } from './index.js';
import { Claviger, fromEnv } from './index.js';

const OPTIONS = { url: 'https://engine.test/base/', token: 'clv_eng_secret-0123', workspaceId: 'ws_1' };

describe('#57 the SDK and the contracts', () => {
  it('know the same error codes and the same events', () => {
    expect([...CODES_OF_SDK].sort()).toEqual([...ERROR_CODES].sort());
    expect(RUN_EVENT_TYPES).toEqual(RUN_EVENTS);
  });

  it('an error keeps all that a problem says; a code from a later release is told as internal', () => {
    const problem: Problem = {
      ...{ type: 'urn:x', title: 'Name taken', detail: 'Choose another.', status: 409, instance: '/x' },
      ...{
        code: 'name_taken',
        requestId: 'req_1',
        errors: [{ pointer: '/name', detail: 'taken' }],
        runId: 'run_1',
      },
    };
    const error = new ClavigerError(problem, 3);
    expect({ ...error, message: error.message }).toMatchObject({
      ...{ name: 'ClavigerError', message: 'Choose another.', code: 'name_taken', status: 409 },
      ...{ requestId: 'req_1', errors: problem.errors, runId: 'run_1', retryAfterSeconds: 3 },
    });
    const later = new ClavigerError(JSON.parse(JSON.stringify({ ...problem, code: 'later' })) as Problem);
    expect([later.code, later.problem['code']]).toEqual(['internal', 'later']);
  });
});

describe('#57 a client', () => {
  it('shows its token to nobody who prints it', async () => {
    const { inspect } = await import('node:util');
    const client = new Claviger(OPTIONS);
    expect(`${JSON.stringify(client)}${inspect(client, { depth: 9, showHidden: true })}`).not.toContain(
      'secret',
    );
    expect(() => new Claviger({ ...OPTIONS, token: 'secret\n' })).toThrow(/^(?!.*secret)/);
  });

  it('asks below the address that it was given, ids encoded, and follows no redirect', async () => {
    const asked: [string, RequestInit | undefined][] = [];
    const redirecting: typeof fetch = async (input, init) => {
      asked.push([String(input), init]);
      return new Response(null, { status: 302, headers: { location: 'https://elsewhere.test/' } });
    };
    const client = new Claviger({ ...OPTIONS, fetch: redirecting });
    await expect(client.runs.get('../../x?y')).rejects.toMatchObject({
      name: 'ConnectionError',
      status: 302,
    });
    expect(asked).toHaveLength(1);
    expect(asked[0]![0]).toBe(
      'https://engine.test/base/internal/v1/workspaces/ws_1/agent-runs/..%2F..%2Fx%3Fy',
    );
    expect(asked[0]![1]?.redirect).toBe('manual');
    expect(() => new Claviger({ ...OPTIONS, url: 'file:///etc/passwd' })).toThrow(TypeError);
  });

  it('answers an approval of a run', async () => {
    const asked: unknown[] = [];
    const answering: typeof fetch = async (input, init) => {
      asked.push([init?.method, String(input), init?.body]);
      return Response.json({ id: 'run_1', status: 'queued' }, { status: 202 });
    };
    const { approvals } = new Claviger({ ...OPTIONS, fetch: answering });
    const run = await approvals.answer('run_1', 'apr_1', { approve: false, reason: 'no' });
    expect(run.status).toBe('queued');
    const at = 'https://engine.test/base/internal/v1/workspaces/ws_1/agent-runs/run_1/approvals/apr_1';
    expect(asked).toEqual([['POST', at, '{"approve":false,"reason":"no"}']]);
  });

  it('reads an environment only when it is handed one, and names all that is missing', () => {
    const env = { CLAVIGER_ENGINE_URL: 'https://e', CLAVIGER_TOKEN: 't', CLAVIGER_WORKSPACE_ID: 'ws_1' };
    expect(fromEnv(env)).toEqual({ url: 'https://e', token: 't', workspaceId: 'ws_1' });
    expect(() => fromEnv({ CLAVIGER_TOKEN: 't' })).toThrow('CLAVIGER_ENGINE_URL, CLAVIGER_WORKSPACE_ID');
  });

  it('gives up when its caller does, also between two tries', async () => {
    const abort = new AbortController();
    let tries = 0;
    const failing: typeof fetch = async () => {
      tries += 1;
      setTimeout(() => abort.abort(new Error('enough')), 5);
      throw new TypeError('fetch failed');
    };
    const client = new Claviger({ ...OPTIONS, fetch: failing });
    await expect(client.models({ signal: abort.signal })).rejects.toThrow('enough');
    expect(tries).toBe(1);
    await expect(client.models({ signal: abort.signal })).rejects.toThrow('enough');
    expect(tries).toBe(1);
  });

  it('tries a 503 and a 429 that says when again, with the same body', async () => {
    const bodies: unknown[] = [];
    const busy: typeof fetch = async (_, init) => {
      bodies.push(init?.body);
      if (bodies.length > 2) return Response.json({ results: [] });
      const [status, code] = bodies.length === 1 ? [503, 'overloaded'] : [429, 'rate_limited'];
      const headers = { 'content-type': 'application/problem+json', 'retry-after': '0' };
      return new Response(JSON.stringify({ code, status, title: 'x', requestId: 'r' }), { status, headers });
    };
    const compared = await new Claviger({ ...OPTIONS, fetch: busy }).compare({
      models: ['a', 'b'],
      agent: {},
    });
    expect(compared).toEqual({ results: [] });
    expect([bodies.length, new Set(bodies).size]).toEqual([3, 1]);
    expect(String(bodies[0])).toContain('nodeExecutionId');
  });
});
