import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fromUuid, newId, toUuid } from '#lib/kernel';
import { furnishAdd, startFakeMcp, type FakeMcp } from './support/mcp-server.js';
import { allFrames } from './support/sse.js';
import { run, send, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';
import { WIRES } from './support/wires.js';

const SECRET = 'mcp-secret-0123456789abcdef';

let mcp: FakeMcp;
let stage: Stage;
let tenant: Tenant;
let serverId: string;

beforeAll(async () => {
  mcp = await startFakeMcp();
  stage = await startStage({ alsoAllow: [`http://127.0.0.1/32:${mcp.port}`] });
});
afterAll(async () => {
  await stage?.stop();
  await mcp?.stop();
});
beforeEach(async () => {
  stage.upstream.reset();
  Object.assign(mcp, { furnish: furnishAdd, instead: null });
  mcp.requests.length = mcp.calls.length = stage.tools.calls.length = 0;
  tenant = await stage.tenants.create();
  serverId = await stage.tenants.mcpServer(tenant, { name: 'abacus', url: mcp.url, secret: SECRET });
});

const openaiKey = () =>
  stage.tenants.key(tenant, {
    provider: 'openai',
    secret: 'sk-mcp-0123456789abcdef',
    baseUrl: stage.upstream.baseUrls.openai,
  });
const calls = (name: string, input: object = {}) => ({ toolCalls: [{ name, input }] });
const server = (more: object = {}) => ({ type: 'mcp', serverId, ...more });
const offered = (body: string | undefined): string[] =>
  (JSON.parse(body ?? '{}').tools ?? []).map((tool: { function: { name: string } }) => tool.function.name);

describe.each(WIRES)(
  '#33 three steps with an http tool and an MCP tool over $wire',
  ({ provider, wire, model }) => {
    const usage = { input: 10, output: 5 };
    const steps = () =>
      stage.upstream.script(
        { ...calls('weather', { city: 'Rome' }), usage },
        { ...calls('add', { a: 21, b: 21 }), usage },
        { text: 'Twice as warm would be 42.', usage },
      );
    const weather = () => ({
      ...{ type: 'http', name: 'weather', description: 'The weather.', method: 'GET' },
      url: `${stage.tools.url}/at/{city}`,
      inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    });

    it('answers the same at once and as a stream, with the usage of its steps added up', async () => {
      const secret = `sk-${provider}-mcp-0123456789`;
      await stage.tenants.key(tenant, { provider, secret, baseUrl: stage.upstream.baseUrls[wire] });
      const agent = { model, prompt: 'How warm is twice as warm?', tools: [weather(), server()] };
      steps();
      const { status, body } = await run(stage, tenant, agent);
      expect({ status, text: body.text, calls: mcp.calls }).toEqual({
        status: 200,
        text: 'Twice as warm would be 42.',
        calls: [{ name: 'add', input: { a: 21, b: 21 } }],
      });
      expect(body.steps.map(({ toolCalls }) => toolCalls.map(({ output }) => output))).toEqual([
        [{ temperature: 21 }],
        ['42'],
        [],
      ]);
      expect(body.usage).toMatchObject({ inputTokens: 30, outputTokens: 15, totalTokens: 45 });
      expect(stage.upstream.requests).toHaveLength(3);
      steps();
      const headers = { accept: 'text/event-stream' };
      const request = { nodeExecutionId: newId('req'), agent };
      const seen = await allFrames(
        await send(stage, tenant, 'POST', '/agent-runs', { body: request, headers }),
      );
      const last = seen.at(-1);
      expect(last).toMatchObject({ event: 'run.finished', data: { text: body.text, usage: body.usage } });
      expect(seen.filter(({ event }) => event === 'tool.result').map(({ data }) => data['output'])).toEqual([
        { temperature: 21 },
        '42',
      ]);
    });
  },
);

describe('#29 the tools of an MCP server', () => {
  beforeEach(openaiKey);

  it('come with the server’s secret in the Authorization header, and nobody is told of it', async () => {
    stage.upstream.script(calls('echo'), { text: 'Done.' });
    const { body } = await run(stage, tenant, { prompt: 'Go.', tools: [server()] });
    expect(new Set(mcp.requests.map(({ authorization }) => authorization))).toEqual(
      new Set([`Bearer ${SECRET}`]),
    );
    expect(body.steps[0]?.toolCalls[0]?.output).toBe('you came with Bearer [redacted]');
    expect(JSON.stringify(stage.upstream.requests)).not.toContain(SECRET);
  });

  it('an error of the tool is the tool’s error, told to the model; what is structured stays so', async () => {
    stage.upstream.script(
      { toolCalls: [...calls('fails').toolCalls, ...calls('facts').toolCalls] },
      { text: 'Sorry.' },
    );
    const { status, body } = await run(stage, tenant, { prompt: 'Go.', tools: [server()] });
    expect({ status, text: body.text }).toEqual({ status: 200, text: 'Sorry.' });
    const [broken, facts] = body.steps[0]?.toolCalls ?? [];
    expect(broken).toMatchObject({ output: null, error: expect.stringContaining('the abacus is broken') });
    expect(facts).toMatchObject({ output: { population: 7 }, error: null });
    expect(stage.upstream.requests[1]?.body).toContain('the abacus is broken');
  });

  it('a server that breaks down during a call is the tool’s error as well', async () => {
    mcp.instead = (rpc, respond) => {
      if (rpc !== 'tools/call') return false;
      respond(500, {}, `no, ${SECRET}`);
      return true;
    };
    stage.upstream.script(calls('add', { a: 1, b: 2 }), { text: 'Sorry.' });
    const { status, body } = await run(stage, tenant, { prompt: 'Go.', tools: [server()] });
    expect({ status, error: body.steps[0]?.toolCalls[0]?.error }).toEqual({
      status: 200,
      error: expect.stringMatching(/no, \[redacted\]/),
    });
    expect(JSON.stringify([body, stage.upstream.requests])).not.toContain(SECRET);
  });

  it('are those that the agent names, and one that the server lacks is refused by name', async () => {
    stage.upstream.script({ text: 'Done.' });
    await run(stage, tenant, { prompt: 'Go.', tools: [server({ tools: ['add'] })] });
    expect(offered(stage.upstream.requests[0]?.body)).toEqual(['add']);
    const { status, body } = await run(stage, tenant, {
      prompt: 'Go.',
      tools: [server({ tools: ['add', 'divide'] })],
    });
    expect({ status, pointer: body.errors?.[0]?.pointer }).toEqual({
      status: 422,
      pointer: '/agent/tools/0/tools/1',
    });
    expect(stage.upstream.requests).toHaveLength(1);
  });

  it('of the same name on two servers have their server’s name before it, and each reaches its own', async () => {
    const second = await stage.tenants.mcpServer(tenant, { name: 'sums & co', url: mcp.url });
    stage.upstream.script(calls('sums___co__add', { a: 1, b: 2 }), { text: 'Done.' });
    const tools = [server({ tools: ['add', 'facts'] }), { type: 'mcp', serverId: second, tools: ['add'] }];
    const { body } = await run(stage, tenant, {
      prompt: 'Go.',
      tools,
      toolChoice: { tool: 'sums___co__add' },
    });
    expect(offered(stage.upstream.requests[0]?.body)).toEqual(['abacus__add', 'facts', 'sums___co__add']);
    expect(body.steps[0]?.toolCalls[0]?.output).toBe('3');
    expect(
      mcp.requests.filter(({ rpc }) => rpc === 'tools/call').map(({ authorization }) => authorization),
    ).toEqual([undefined]);
  });

  it('of the name of a tool of the caller’s has the server’s name before it', async () => {
    stage.upstream.script(calls('abacus__add', { a: 1, b: 2 }), { text: 'Done.' });
    const own = {
      ...{ type: 'client', name: 'add', description: 'Mine.' },
      inputSchema: { type: 'object', properties: {} },
    };
    const { body } = await run(stage, tenant, { prompt: 'Go.', tools: [own, server({ tools: ['add'] })] });
    expect(offered(stage.upstream.requests[0]?.body)).toEqual(['add', 'abacus__add']);
    expect([body.status, body.steps[0]?.toolCalls[0]?.output]).toEqual(['succeeded', '3']);
  });

  it('a server that cannot be asked ends the run by name before the model hears of it', async () => {
    mcp.instead = (_, respond) => (respond(500, {}, `${SECRET} is wrong`), true);
    const { status, body } = await run(stage, tenant, { prompt: 'Go.', tools: [server()] });
    expect({ status, code: body.code, detail: body.detail }).toEqual({
      status: 502,
      code: 'upstream_error',
      detail: expect.stringMatching(/MCP server "abacus".*\[redacted\]/),
    });
    expect(stage.upstream.requests).toEqual([]);
  });

  it('#50 a redirect is never followed, and the secret goes to no second place', async () => {
    mcp.instead = (_, respond) => (respond(307, { location: `${stage.tools.url}/steal` }, ''), true);
    const { status, body } = await run(stage, tenant, { prompt: 'Go.', tools: [server()] });
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'egress_blocked' });
    expect([stage.tools.calls, stage.upstream.requests]).toEqual([[], []]);
  });

  it('#50 an address that tenants may not reach is refused when it is dialled', async () => {
    const inside = await stage.tenants.mcpServer(tenant, {
      name: 'inside',
      url: 'http://127.0.0.1:5432/mcp',
    });
    const { status, body } = await run(stage, tenant, {
      prompt: 'Go.',
      tools: [{ type: 'mcp', serverId: inside }],
    });
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'egress_blocked' });
  });

  it.each([
    [
      'a foreign',
      async () => stage.tenants.mcpServer(await stage.tenants.create(), { name: 'x', url: mcp.url }),
    ],
    ['an unassigned', () => stage.tenants.mcpServer(tenant, { name: 'x', url: mcp.url, assign: false })],
    ['an unknown', async () => newId('mcp')],
  ])('%s server is the same 404, before anything is sent', async (_, id) => {
    const other = await id();
    const { status, body } = await run(stage, tenant, {
      prompt: 'Go.',
      tools: [{ type: 'mcp', serverId: other }],
    });
    expect({ status, code: body.code, detail: body.detail?.replace(other, '…') }).toEqual({
      status: 404,
      code: 'not_found',
      detail:
        'This workspace has no MCP server "…". An OWNER can hand one to it: PUT /api/v1/workspaces/:id/mcp-servers.',
    });
    expect([mcp.requests, stage.upstream.requests]).toEqual([[], []]);
  });

  it('C: an unassigned server is called by no send that starts 2 s later, in the middle of a run too', async () => {
    const at: number[] = [];
    mcp.furnish = (made) =>
      made.registerTool('add', {}, async () => {
        at.push(performance.now());
        await new Promise((done) => setTimeout(done, 50));
        return { content: [] };
      });
    stage.upstream.respond(() => calls('add'));
    const going = run(stage, tenant, { prompt: 'Go.', tools: [server()], maxSteps: 100 });
    while (at.length === 0) await new Promise((done) => setTimeout(done, 10));
    await stage.db.query('DELETE FROM mcp_assignments WHERE mcp_server_id = $1', [toUuid(serverId)]);
    const unassigned = performance.now();
    const { body } = await going;
    stage.upstream.respond(() => undefined);
    expect(body.code).toBe('not_found');
    // Half a second for what was on its way when the two were over.
    expect(Math.max(...at) - unassigned).toBeLessThan(2_500);
  });

  it('C: a server whose secret was rotated hears the new one from 2 s later on, in the middle of a run too', async () => {
    const NEXT = 'mcp-secret-next-9876543210';
    const { rows } = await stage.db.query<{ secret_id: string }>(
      'SELECT secret_id FROM mcp_servers WHERE id = $1',
      [toUuid(serverId)],
    );
    const heard = () => mcp.requests.map(({ authorization }) => authorization);
    const isRenewed = () => heard().includes(`Bearer ${NEXT}`);
    stage.upstream.respond(({ toolResults }) => {
      if (!isRenewed()) return calls('rest');
      return toolResults.at(-1)?.includes('you came') ? { text: 'Done.' } : calls('echo');
    });
    mcp.furnish = (made, seen) => {
      furnishAdd(made, seen);
      made.registerTool('rest', {}, async () => {
        await new Promise((done) => setTimeout(done, 50));
        seen.push({ name: 'rest', input: {} });
        return { content: [] };
      });
    };
    const going = run(stage, tenant, { prompt: 'Go.', tools: [server()], maxSteps: 100 });
    while (mcp.calls.length === 0) await new Promise((done) => setTimeout(done, 10));
    await stage.tenants.rotate(tenant, fromUuid('sec', rows[0]!.secret_id), NEXT);
    const { body } = await going;
    stage.upstream.respond(() => undefined);
    expect(body.text).toBe('Done.');
    const first = heard().indexOf(`Bearer ${NEXT}`);
    expect(new Set(heard().slice(first))).toEqual(new Set([`Bearer ${NEXT}`]));
    expect(body.steps.at(-2)?.toolCalls[0]?.output).toBe('you came with Bearer [redacted]');
    expect(JSON.stringify([body, stage.upstream.requests])).not.toMatch(new RegExp(`${SECRET}|${NEXT}`));
  });
});

describe('#46 policies over the tools of MCP servers', () => {
  beforeEach(openaiKey);
  const policy = (rule: object, severity = 'HIGH') =>
    stage.db.query(
      `INSERT INTO policies (org_id, id, name, description, severity, enabled, rules)
       VALUES ($1, $2, 'P', '', $3, true, $4)`,
      [toUuid(tenant.orgId), toUuid(newId('pol')), severity, JSON.stringify([rule])],
    );

  it.each([
    ['the kind', { type: 'tools', kinds: ['http'] }, 0],
    ['a name, once the server has told it', { type: 'tools', deny: ['fai*'] }, 1],
  ])('refuse by %s, before the model hears of any', async (_, rule, asked) => {
    await policy(rule);
    const { status, body } = await run(stage, tenant, { prompt: 'Go.', tools: [server()] });
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'policy_violation' });
    expect([mcp.requests.length > 0, stage.upstream.requests.length]).toEqual([asked > 0, 0]);
  });

  it('let through what the agent leaves out', async () => {
    await policy({ type: 'tools', deny: ['fai*'] });
    stage.upstream.script({ text: 'Done.' });
    const { status } = await run(stage, tenant, { prompt: 'Go.', tools: [server({ tools: ['add'] })] });
    expect(status).toBe(200);
  });
});
