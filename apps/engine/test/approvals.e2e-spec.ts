import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId, toUuid } from '#lib/kernel';
import { PauseExpiry } from '../src/run-pauses/pause-expiry.js';
import type { RequiredAction } from '#lib/contracts';
import { furnishAdd, startFakeMcp, type FakeMcp } from './support/mcp-server.js';
import { addPolicy } from './support/policies.js';
import { allFrames } from './support/sse.js';
import { call, run, send, startStage, type CallOptions, type RunBody, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';

const MODEL = 'gpt-4.1-mini';
const INPUT = { type: 'object', properties: { amount: { type: 'number' } }, required: ['amount'] };

let stage: Stage;
let mcp: FakeMcp;
let tenant: Tenant;
let second: string;

beforeAll(async () => {
  mcp = await startFakeMcp();
  stage = await startStage({ runSlots: 0, alsoAllow: [`http://127.0.0.1/32:${mcp.port}`] });
  second = (await stage.second({ runSlots: 10 })).url;
});
afterAll(async () => {
  await stage?.stop();
  await mcp?.stop();
});
beforeEach(async () => {
  stage.upstream.reset();
  stage.tools.calls.length = mcp.calls.length = 0;
  tenant = await stage.tenants.create();
  await stage.tenants.key(tenant, {
    provider: 'openai',
    secret: 'sk-approve-0123456789ab',
    baseUrl: stage.upstream.baseUrls.openai,
  });
});

const pay = (more: object = {}) => ({
  ...{ type: 'http', name: 'pay', description: 'Pays.', method: 'POST', url: `${stage.tools.url}/pay` },
  ...{ inputSchema: INPUT, needsApproval: true },
  ...more,
});
const ask = (more: object = {}) => ({
  ...{ type: 'client', name: 'ask', description: 'Asks.', inputSchema: { type: 'object', properties: {} } },
  ...more,
});
const agent = (...tools: object[]) => ({ model: MODEL, prompt: 'Pay.', tools });
const calls = (...names: string[]) => ({
  toolCalls: names.map((name) => ({ name, input: name === 'add' ? { a: 1, b: 2 } : { amount: 7 } })),
  usage: { input: 10, output: 5 },
});
const done = { text: 'Done.', usage: { input: 20, output: 7 } };
const actionOf = (body: Pick<RunBody, 'requiredAction'>) => body.requiredAction as RequiredAction;
const answer = (id: string, approval: string, said: object, options: CallOptions = {}) =>
  call(stage, tenant, 'POST', `/agent-runs/${id}/approvals/${approval}`, { body: said, ...options });
const get = async (id: string, wait = 10) =>
  (await call(stage, tenant, 'GET', `/agent-runs/${id}?wait=${wait}`)).body;
/** What the model was told last. */
const told = (): string => stage.upstream.requests.at(-1)?.body ?? '';

/** Starts a run that waits for approvals. */
async function waiting(...tools: object[]) {
  const { status, body } = await run(stage, tenant, agent(...tools));
  expect([status, body.status]).toEqual([200, 'requires_action']);
  return { body, action: actionOf(body), approvals: actionOf(body).approvals.map(({ id }) => id) };
}

describe('#37 a call of a tool that needs approval', () => {
  it('is made by another process when it was approved, once; the same answer joins, another is refused', async () => {
    stage.upstream.script(calls('pay'), done);
    const { body, action, approvals } = await waiting(pay());
    expect(action).toMatchObject({
      type: 'approvals',
      toolCalls: [],
      approvals: [{ toolCallId: expect.any(String), name: 'pay', kind: 'http', input: { amount: 7 } }],
    });
    expect(action.approvals[0]?.expiresAt).toBe(action.expiresAt);
    expect(stage.tools.calls).toEqual([]);

    const said = { approve: true, reason: 'It is due.' };
    const [first, again] = await Promise.all([
      answer(body.id, approvals[0]!, said),
      answer(body.id, approvals[0]!, said, { url: second }),
    ]);
    expect(first).toMatchObject({
      status: 200,
      body: {
        ...{ status: 'succeeded', text: 'Done.', usage: { inputTokens: 30, outputTokens: 12 } },
        steps: [
          {
            toolCalls: [
              {
                output: { temperature: 21 },
                approval: { id: approvals[0], status: 'approved', decidedBy: tenant.tokenId },
              },
            ],
          },
          { step: 2, text: 'Done.' },
        ],
      },
    });
    expect(again.body).toEqual(first.body);
    expect((await answer(body.id, approvals[0]!, said)).body).toEqual(first.body);
    const other = await answer(body.id, approvals[0]!, { approve: false });
    expect([other.status, other.body.code]).toEqual([409, 'conflict']);
    expect(stage.tools.calls.map(({ method, url, body: sent }) => [method, url, sent])).toEqual([
      ['POST', '/pay', '{"amount":7}'],
    ]);
    expect(stage.upstream.requests).toHaveLength(2);
    expect(told()).toContain('temperature');
    const { rows } = await stage.db.query(
      `SELECT actor, target, change FROM audit_events WHERE org_id = $1 AND action = 'agentRuns:ApproveAgentRun'`,
      [toUuid(tenant.orgId)],
    );
    expect(rows).toEqual([
      {
        ...{ actor: tenant.tokenId, target: body.id },
        change: expect.objectContaining({ approvalId: approvals[0], tool: 'pay', approve: true }),
      },
    ]);
  });

  it('is not made when it was rejected: the model is told so with the reason, and goes on', async () => {
    stage.upstream.script(calls('pay'), { text: 'Then not.' });
    const { body, approvals } = await waiting(pay());
    const { body: ended } = await answer(body.id, approvals[0]!, { approve: false, reason: 'Too much.' });
    expect([ended.status, ended.text]).toEqual(['succeeded', 'Then not.']);
    expect(ended.steps[0]?.toolCalls[0]).toMatchObject({
      output: null,
      error: expect.stringContaining('Too much.'),
      approval: { status: 'rejected', reason: 'Too much.' },
    });
    expect(told()).toContain('rejected');
    expect(stage.tools.calls).toEqual([]);
  });

  it('of an MCP server is made by the server’s own name of it', async () => {
    const serverId = await stage.tenants.mcpServer(tenant, { name: 'abacus', url: mcp.url });
    stage.upstream.script(calls('add'), done);
    const { body, action, approvals } = await waiting({ type: 'mcp', serverId, needsApproval: true });
    expect(action.approvals[0]).toMatchObject({ name: 'add', kind: 'mcp', mcp: { serverId, tool: 'add' } });
    expect(mcp.calls).toEqual([]);
    const { body: ended } = await answer(body.id, approvals[0]!, { approve: true });
    expect([ended.text, ended.steps[0]?.toolCalls[0]?.output, mcp.calls.length]).toEqual(['Done.', '3', 1]);
  });

  it('as a stream and asynchronously, one event after the other, and again in a later step', async () => {
    stage.upstream.script(calls('pay'), calls('pay'), done);
    const first = await allFrames(
      await send(stage, tenant, 'POST', '/agent-runs', {
        body: { nodeExecutionId: newId('req'), agent: agent(pay()) },
        headers: { accept: 'text/event-stream' },
      }),
    );
    const waits = first.at(-1)!;
    expect(waits.event).toBe('run.requires_action');
    const id = String(waits.data['id']);
    const approval = actionOf(waits.data).approvals[0]!.id;
    const rest = await allFrames(
      await send(stage, tenant, 'POST', `/agent-runs/${id}/approvals/${approval}`, {
        body: { approve: true },
        headers: { accept: 'text/event-stream', 'last-event-id': waits.id },
      }),
    );
    expect(rest.map(({ event, data }) => [event, data['step']])).toEqual([
      ...[
        ['tool.result', 1],
        ['step.started', 2],
        ['tool.call', 2],
        ['step.finished', 2],
      ],
      ['run.requires_action', undefined],
    ]);
    const all = [...first, ...rest];
    expect(all.map((frame) => frame.id)).toEqual(all.map((_, index) => String(index + 1)));
    expect(stage.tools.calls).toHaveLength(1);
    const next = actionOf(rest.at(-1)!.data).approvals[0]!.id;
    expect(next).not.toBe(approval);
    const accepted = await answer(id, next, { approve: true }, { headers: { prefer: 'respond-async' } });
    expect(accepted.status).toBe(202);
    const ended = await get(id);
    expect([ended.status, ended.text, ended.usage.inputTokens]).toEqual(['succeeded', 'Done.', 40]);
    expect(stage.tools.calls).toHaveLength(2);
  });

  it('beside others in one step: what needs none is called at once, the run goes on when the last is answered', async () => {
    stage.upstream.script(calls('look', 'pay', 'ask', 'tell'), done);
    const look = pay({ name: 'look', url: `${stage.tools.url}/look`, needsApproval: false });
    const { body, action, approvals } = await waiting(
      look,
      pay(),
      ask(),
      ask({ name: 'tell', needsApproval: true }),
    );
    expect(action).toMatchObject({
      type: 'tool_outputs',
      toolCalls: [{ name: 'ask' }],
      approvals: [{ name: 'pay' }, { name: 'tell', kind: 'client' }],
    });
    const urls = () => stage.tools.calls.map(({ url }) => url);
    expect(urls()).toEqual(['/look']);
    const bring = (toolCallId: string, output: unknown) =>
      call(stage, tenant, 'POST', `/agent-runs/${body.id}/tool-outputs`, {
        body: { outputs: [{ toolCallId, output }] },
      });
    const tell = action.approvals[1]!.toolCallId;
    expect((await bring(tell, 'early')).body.code).toBe('validation_failed');

    const paid = await answer(body.id, approvals[0]!, { approve: true });
    expect([paid.body.status, urls()]).toEqual(['requires_action', ['/look']]);
    const asked = await bring(action.toolCalls[0]!.toolCallId, 'yes');
    expect(actionOf(asked.body)).toMatchObject({
      type: 'approvals',
      toolCalls: [],
      approvals: [{ name: 'tell' }],
    });
    const may = await answer(body.id, approvals[1]!, { approve: true });
    expect(actionOf(may.body)).toMatchObject({
      type: 'tool_outputs',
      toolCalls: [{ name: 'tell' }],
      approvals: [],
    });
    expect(urls()).toEqual(['/look']);
    const { body: ended } = await bring(tell, 'told');
    expect([ended.status, ended.text]).toEqual(['succeeded', 'Done.']);
    expect(urls()).toEqual(['/look', '/pay']);
    expect(ended.steps[0]?.toolCalls.map(({ output }) => output)).toEqual([
      ...[{ temperature: 21 }, { temperature: 21 }, 'yes', 'told'],
    ]);
  });

  it('of a server that has it no longer is not made in another tool’s place', async () => {
    const serverId = await stage.tenants.mcpServer(tenant, { name: 'abacus', url: mcp.url });
    stage.upstream.script(calls('add'), done);
    const { body, approvals } = await waiting({ type: 'mcp', serverId, needsApproval: true });
    mcp.furnish = (server) => void server.registerTool('take', {}, async () => ({ content: [] }));
    const { body: ended } = await answer(body.id, approvals[0]!, { approve: true });
    mcp.furnish = furnishAdd;
    expect([ended.text, ended.steps[0]?.toolCalls[0]?.error]).toEqual([
      'Done.',
      'the tool is not there any more',
    ]);
    expect(mcp.calls).toEqual([]);
  });

  it('that nobody approves in time ends the run by name, and an approval that comes later calls nothing', async () => {
    stage.upstream.script(calls('pay'), done);
    const { body, approvals } = await waiting(pay());
    await stage.db.query('UPDATE agent_runs SET waits_until = now() WHERE id = $1', [toUuid(body.id)]);
    expect((await answer(body.id, approvals[0]!, { approve: true })).body.code).toBe('conflict');
    await stage.app.get(PauseExpiry).look();
    expect(await get(body.id, 0)).toMatchObject({ status: 'failed', error: { code: 'pause_expired' } });
    expect((await answer(body.id, approvals[0]!, { approve: true })).body.code).toBe('conflict');
    expect(stage.tools.calls).toEqual([]);
  });
});

describe('#3 #7 who may approve', () => {
  it('whoever may run agents there; nobody else, and of strange ids nothing is told', async () => {
    stage.upstream.script(calls('pay'), done);
    const { body, approvals } = await waiting(pay());
    const { orgId, workspaceId } = tenant;
    const [joined, editor] = [
      await stage.tenants.person(orgId, 'MEMBER'),
      await stage.tenants.person(orgId, 'MEMBER'),
    ];
    await stage.tenants.grant(orgId, workspaceId, joined, false);
    await stage.tenants.grant(orgId, workspaceId, editor, true);
    const as = async (person: typeof joined) => {
      const { cookie, csrf } = await stage.tenants.session(orgId, person);
      return { token: '', headers: { cookie, 'x-csrf-token': csrf } };
    };
    const approve = { approve: true };
    expect((await answer(body.id, approvals[0]!, approve, await as(joined))).status).toBe(403);
    const stranger = await stage.tenants.create();
    const theirs = { token: stranger.token, workspaceId: stranger.workspaceId };
    const codes = [
      await answer(body.id, approvals[0]!, approve, theirs),
      await answer(body.id, newId('apv'), approve),
      await answer(body.id, 'nonsense', approve),
      await answer(newId('run'), approvals[0]!, approve),
    ].map(({ status, body: { code } }) => [status, code]);
    expect(codes).toEqual(codes.map(() => [404, 'not_found']));
    expect((await get(body.id, 0)).status).toBe('requires_action');
    const byEditor = await answer(body.id, approvals[0]!, approve, await as(editor));
    expect(byEditor.body.steps[0]?.toolCalls[0]?.approval?.decidedBy).toBe(editor.userId);
    expect(stage.tools.calls).toHaveLength(1);
  });

  it('a token whose document denies it runs agents and approves nothing', async () => {
    stage.upstream.script(calls('pay'), done);
    const { body, approvals } = await waiting(pay());
    const statements = [
      { effect: 'Allow', actions: ['*'], resources: ['*'] },
      { effect: 'Deny', actions: ['agentRuns:ApproveAgentRun'], resources: ['*'] },
    ];
    const { tokenId, token } = await stage.tenants.token(tenant.orgId, tenant.owner);
    await stage.db.query('UPDATE tokens SET permissions = $1 WHERE id = $2', [
      ...[JSON.stringify(statements), toUuid(tokenId)],
    ]);
    expect((await answer(body.id, approvals[0]!, { approve: true }, { token })).status).toBe(403);
    expect((await run(stage, tenant, { model: MODEL, prompt: 'Hi.' }, { token })).status).toBe(200);
    expect(stage.tools.calls).toEqual([]);
  });
});

describe('#48 what a pause has to keep', () => {
  it.each(['metadata', 'none'])(
    'is more than a policy lets be kept (%s): refused by name, no row is made',
    async (content) => {
      await addPolicy(stage, tenant, [{ type: 'retention', content }], { severity: 'LOW' });
      const { status, body } = await run(stage, tenant, agent(pay()));
      expect([status, body.errors?.[0]?.pointer]).toEqual([422, '/agent/tools/0/needsApproval']);
      const { rowCount } = await stage.db.query('SELECT 1 FROM agent_runs WHERE org_id = $1', [
        toUuid(tenant.orgId),
      ]);
      expect([rowCount, stage.upstream.requests]).toEqual([0, []]);
    },
  );

  it('may not be somebody’s password in a header: refused by name with what to do instead', async () => {
    const tool = pay({ headers: { authorization: 'Bearer hunter2hunter2' } });
    const { status, body } = await run(stage, tenant, agent(tool));
    expect([status, body.errors?.[0]?.detail]).toEqual([422, expect.stringContaining('{{secret:name}}')]);
  });

  it('a policy that comes in while it waits: nothing of the run is kept when it is over', async () => {
    stage.upstream.script(calls('pay'), done);
    const { body, approvals } = await waiting(pay());
    await addPolicy(stage, tenant, [{ type: 'retention', content: 'none' }], { severity: 'LOW' });
    expect((await answer(body.id, approvals[0]!, { approve: true })).status).toBe(200);
    const { rows } = await stage.db.query('SELECT result FROM agent_runs WHERE id = $1', [toUuid(body.id)]);
    expect(rows).toEqual([{ result: null }]);
  });
});
