import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { toUuid } from '#lib/kernel';
import type { RequiredAction } from '#lib/contracts';
import { startFakeMcp, type FakeMcp } from './support/mcp-server.js';
import { addPolicy } from './support/policies.js';
import { call, run, startStage, type CallOptions, type RunBody, type Stage } from './support/stage.js';
import type { McpServerInput, Tenant } from './support/tenants.js';

let stage: Stage;
let mcp: FakeMcp;
let tenant: Tenant;

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
  mcp.calls.length = 0;
  tenant = await stage.tenants.create();
  await stage.tenants.key(tenant, {
    ...{ provider: 'openai', secret: 'sk-word-0123456789abcd' },
    baseUrl: stage.upstream.baseUrls.openai,
  });
});

const CALL = { toolCalls: [{ name: 'add', input: { a: 1, b: 2 } }] };
const server = (more: Partial<McpServerInput> = {}) =>
  stage.tenants.mcpServer(tenant, { name: 'abacus', url: mcp.url, approval: 'always', ...more });
const ask = (serverId: string, more: object = {}) =>
  run(stage, tenant, { prompt: 'Add.', tools: [{ type: 'mcp', serverId, ...more }] });
const approvalOf = ({ requiredAction }: RunBody): string =>
  (requiredAction as RequiredAction).approvals[0]!.id;
const say = (id: string, approval: string, approve: boolean, options: CallOptions = {}) =>
  call(stage, tenant, 'POST', `/agent-runs/${id}/approvals/${approval}`, { body: { approve }, ...options });

describe('#37 a server whose OWNERs want its calls to be approved', () => {
  it('is called by nobody unasked, whatever an agent says of it; a token may say yes unless they want people', async () => {
    stage.upstream.script(CALL, { text: 'Three.' });
    const { body } = await ask(await server(), { needsApproval: false });
    expect([body.status, mcp.calls]).toEqual(['requires_action', []]);
    const done = await say(body.id, approvalOf(body), true);
    expect([done.body.status, done.body.text, mcp.calls.length]).toEqual(['succeeded', 'Three.', 1]);
  });

  it('where people approve, an engine token may reject and not approve; somebody who signed in may', async () => {
    const serverId = await server({ approvers: 'people' });
    stage.upstream.script(CALL, CALL, { text: 'Not done.' }, { text: 'Three.' });
    const [first, second] = [(await ask(serverId)).body, (await ask(serverId)).body];
    const refused = await say(first.id, approvalOf(first), true);
    expect([refused.status, refused.body.code]).toEqual([403, 'forbidden']);
    expect(refused.body.detail).toContain('"abacus"');
    expect(mcp.calls).toEqual([]);
    const rejected = await say(first.id, approvalOf(first), false);
    expect([rejected.body.text, mcp.calls]).toEqual(['Not done.', []]);

    const editor = await stage.tenants.person(tenant.orgId, 'MEMBER');
    await stage.tenants.grant(tenant.orgId, tenant.workspaceId, editor, true);
    const { cookie, csrf } = await stage.tenants.session(tenant.orgId, editor);
    const headers = { cookie, 'x-csrf-token': csrf };
    const done = await say(second.id, approvalOf(second), true, { token: '', headers });
    expect([done.body.text, mcp.calls.length]).toEqual(['Three.', 1]);
    expect(done.body.steps[0]?.toolCalls[0]?.approval?.decidedBy).toBe(editor.userId);
  });

  it('a rule that came in meanwhile ends a run that could call unasked', async () => {
    const serverId = await server({ approval: 'none' });
    const calls = () => mcp.calls.length;
    stage.upstream.respond(() => (calls() < 500 ? { ...CALL, delayMs: 30 } : { text: 'No.' }));
    const agent = { prompt: 'Add.', tools: [{ type: 'mcp', serverId }], maxSteps: 100 };
    const going = run(stage, tenant, agent);
    while (calls() === 0) await new Promise((done) => setTimeout(done, 10));
    await stage.db.query(`UPDATE mcp_servers SET approval = 'always' WHERE id = $1`, [toUuid(serverId)]);
    const { body } = await going;
    stage.upstream.respond(() => undefined);
    expect(body.code).toBe('not_found');
    expect(body.detail).toContain('was changed');
  });

  it('a run that may not be kept for the time of a pause is refused before it begins', async () => {
    const serverId = await server();
    await addPolicy(stage, tenant, [{ type: 'retention', content: 'none' }]);
    const { status, body } = await ask(serverId);
    expect([status, body.code, body.errors?.[0]?.pointer]).toEqual([
      ...[422, 'validation_failed', '/agent/tools/0/serverId'],
    ]);
    expect(stage.upstream.requests).toEqual([]);
  });
});
