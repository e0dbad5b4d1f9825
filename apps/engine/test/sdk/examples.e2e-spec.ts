import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { toUuid } from '#lib/kernel';
import * as sdk from '#lib/sdk';
import { packedSdk, type PackedSdk } from '#lib/testing';
import { runWorkflow, type N8nWorkflow } from '../support/n8n.js';
import { runFunctionNode } from '../support/node-red.js';
import { startStage, type Stage } from '../support/stage.js';
import type { Tenant } from '../support/tenants.js';
import { until } from '../support/until.js';

let stage: Stage;
let tenant: Tenant;
let packed: PackedSdk;
let env: Record<string, string>;

beforeAll(async () => {
  packed = packedSdk();
  stage = await startStage();
});
afterAll(async () => {
  packed?.remove();
  await stage?.stop();
});
beforeEach(async () => {
  stage.upstream.reset();
  stage.upstream.respond(() => undefined);
  tenant = await stage.tenants.create();
  await stage.tenants.key(tenant, {
    provider: 'anthropic',
    secret: 'sk-ant-examples-0123456789',
    baseUrl: stage.upstream.baseUrls.anthropic,
  });
  env = {
    CLAVIGER_ENGINE_URL: stage.url,
    CLAVIGER_TOKEN: tenant.token,
    CLAVIGER_WORKSPACE_ID: tenant.workspaceId,
    CLAVIGER_MODEL: 'claude-sonnet-4-6',
  };
});

const example = (path: string) => join(packed.dir, 'examples', path);

async function runs(): Promise<{ status: string; node: string }[]> {
  const { rows } = await stage.db.query<{ status: string; node: string }>(
    'SELECT status, node_execution_id AS node FROM agent_runs WHERE org_id = $1 ORDER BY id',
    [toUuid(tenant.orgId)],
  );
  return rows;
}

interface Child {
  process: ChildProcess;
  /** What it printed, once it ended; and how it ended. */
  ended: Promise<{ code: number | null; out: string; err: string }>;
}

function start(command: string, args: string[]): Child {
  const child = spawn(command, args, {
    cwd: packed.dir,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const ended = Promise.all([once(child, 'exit'), text(child.stdout!), text(child.stderr!)]);
  return {
    process: child,
    ended: ended.then(([[code], out, err]) => ({ code: code as number | null, out, err })),
  };
}

describe('#57 example: an activity as Temporal runs it', () => {
  const DRIVER = `
    import { Claviger, fromEnv } from '@claviger/sdk';
    import { agentActivity } from './agent-activity.ts';
    const cancelling = new AbortController();
    process.on('message', () => cancelling.abort(new Error('CANCELLED')));
    const context = {
      info: { workflowExecution: { workflowId: 'wf', runId: 'first' }, activityId: process.argv[2] },
      heartbeat: (details) => process.send(details),
      cancellationSignal: cancelling.signal,
    };
    const tools = JSON.parse(process.argv[4] ?? '[]');
    const agent = { model: 'claude-sonnet-4-6', prompt: process.argv[3], tools };
    await agentActivity(new Claviger(fromEnv(process.env)), agent, context).then(
      (run) => console.log(JSON.stringify({ text: run.text })),
      ({ name, message, type, nonRetryable }) => console.log(JSON.stringify({ name, message, type, nonRetryable })),
    );
    process.disconnect();
  `;
  const attempt = (activity: string, prompt: string, tools: object[] = []): Child => {
    writeFileSync(example('temporal/driver.mjs'), DRIVER);
    const args = [activity, prompt, JSON.stringify(tools)];
    return start(process.execPath, [example('temporal/driver.mjs'), ...args]);
  };
  const outcome = async ({ ended }: Child): Promise<unknown> => {
    const { out, err } = await ended;
    return JSON.parse(out || JSON.stringify(err));
  };

  it('an attempt after a worker that died gets the answer of the same run; it heartbeats', async () => {
    stage.upstream.respond(() => ({ text: 'Hello.', delayMs: 1_500 }));
    const first = attempt('1', 'Hi.');
    const [beat] = (await once(first.process, 'message')) as [{ runId: string }];
    expect(beat.runId).toMatch(/^run_/);
    await until(() => stage.upstream.requests.length === 1, 30_000);
    first.process.kill('SIGKILL');
    await first.ended;
    expect(await outcome(attempt('1', 'Hi.'))).toEqual({ text: 'Hello.' });
    expect(await runs()).toEqual([{ status: 'succeeded', node: 'wf/first/1' }]);
    expect(stage.upstream.requests).toHaveLength(1);
  });

  it('cancelled, it cancels the run; a run that failed is not to be tried again', async () => {
    stage.upstream.script({ text: ['One', ' two'], hang: 'body' });
    const cancelled = attempt('2', 'Hi.');
    await until(() => stage.upstream.requests.length === 1, 30_000);
    cancelled.process.send('cancel');
    expect(await outcome(cancelled)).toMatchObject({ message: 'CANCELLED' });
    await until(async () => (await stage.upstream.connections()) === 0, 30_000);
    stage.upstream.script({ status: 401, message: 'no' });
    expect(await outcome(attempt('3', 'Hi.'))).toMatchObject({
      type: 'upstream_auth_failed',
      nonRetryable: true,
    });
    asking();
    const waits = { type: 'requires_action', nonRetryable: true };
    expect(await outcome(attempt('4', 'Hi.', [ASK]))).toMatchObject(waits);
    const statuses = (await runs()).map(({ status }) => status);
    expect(statuses).toEqual(['cancelled', 'failed', 'requires_action']);
  });
});

/** A tool of the caller’s that none of these brings anything for. */
const ASK = { type: 'client', name: 'ask', description: 'Asks.', inputSchema: { type: 'object' } };
const asking = () => stage.upstream.script({ toolCalls: [{ name: 'ask', input: {} }] });

describe('#57 example: Node-RED', () => {
  const node = () => ({ id: 'clv-agent', outputs: 2, env, libs: { claviger: sdk } });

  it('the function node sends the text as it comes, then the answer; the same message is the same run', async () => {
    stage.upstream.script({ text: ['Hello', ' there.'], pieceDelayMs: 20 });
    const msg = { _msgid: 'm1', payload: 'Say hello.', agent: { model: 'claude-sonnet-4-6' }, topic: 'kept' };
    const run = await runFunctionNode(example('node-red/agent-function.js'), node(), msg);
    expect(run.errors).toEqual([]);
    expect(run.sent[0]).toMatchObject([{ payload: 'Hello there.', topic: 'kept', _msgid: 'm1' }]);
    expect(run.sent[1]?.map(({ payload }) => payload).join('')).toBe('Hello there.');
    expect([run.done, run.statuses.at(-1)?.fill]).toEqual([1, 'green']);
    const again = await runFunctionNode(example('node-red/agent-function.js'), node(), msg);
    expect(again.sent[0]).toMatchObject([{ payload: 'Hello there.' }]);
    expect([await runs(), stage.upstream.requests.length]).toEqual([
      [{ status: 'succeeded', node: 'clv-agent/m1' }],
      1,
    ]);
  });

  it('a refusal goes to the catch nodes by its code', async () => {
    const msg = { _msgid: 'm2', payload: 'Hi.', agent: { model: 'gpt-4.1-mini' } };
    const run = await runFunctionNode(example('node-red/agent-function.js'), node(), msg);
    expect(run.errors).toMatchObject([{ msg: { _msgid: 'm2', error: { code: 'no_provider_key' } } }]);
    expect([run.sent, run.done, run.statuses.at(-1)?.text]).toEqual([[[], []], 1, 'no_provider_key']);
  });

  it('a run that failed, or that waits for its caller, goes to the catch nodes too', async () => {
    const outcome = async (_msgid: string, agent: object) => {
      const msg = { _msgid, payload: 'Hi.', agent: { model: 'claude-sonnet-4-6', ...agent } };
      const run = await runFunctionNode(example('node-red/agent-function.js'), node(), msg);
      return [run.sent, run.done, run.errors[0]?.msg['error']];
    };
    stage.upstream.script({ status: 401, message: 'no' });
    const failed = await outcome('m3', {});
    expect(failed).toMatchObject([[[], []], 1, { code: 'upstream_auth_failed' }]);
    asking();
    const waits = await outcome('m4', { tools: [ASK] });
    expect(waits).toMatchObject([[[], []], 1, { code: 'requires_action' }]);
  });

  it('the flow to import holds that function, wired up', () => {
    const flow = JSON.parse(
      execFileSync(process.execPath, [example('node-red/flow.mjs')], { encoding: 'utf8' }),
    );
    const ids = new Set(flow.map(({ id }: { id: string }) => id));
    const wires = flow.flatMap(({ wires: to }: { wires?: string[][] }) => (to ?? []).flat());
    expect(wires.every((id: string) => ids.has(id))).toBe(true);
    const func = flow.find(({ type }: { type: string }) => type === 'function');
    expect(func.func).toBe(readFileSync(example('node-red/agent-function.js'), 'utf8'));
    expect(func.libs).toEqual([{ var: 'claviger', module: '@claviger/sdk' }]);
  });
});

describe('#57 example: n8n', () => {
  /** The workflow with the settings that its user filled in. */
  const workflow = (): N8nWorkflow =>
    JSON.parse(
      readFileSync(example('n8n/workflow.json'), 'utf8')
        .replace('https://engine.example.com', env['CLAVIGER_ENGINE_URL']!)
        .replace('ws_…', env['CLAVIGER_WORKSPACE_ID']!),
    );
  const world = () => ({
    $execution: { id: '231' },
    $workflow: { id: 'wf1' },
    headerAuth: { 'Claviger engine token': { name: 'Authorization', value: `Bearer ${tenant.token}` } },
  });

  it('the workflow starts a run and waits for its end; an execution that is tried again joins it', async () => {
    stage.upstream.respond(({ lastUserText }) => ({ text: `Heard: ${lastUserText}`, delayMs: 300 }));
    const run = await runWorkflow(workflow(), world(), { prompt: 'a "quoted" prompt' });
    expect(run.path.slice(0, 5)).toEqual(['Ask', 'Settings', 'Start run', 'Wait for its end', 'Is it over?']);
    expect(run.path.at(-1)).toBe('Answer');
    expect(run.json).toMatchObject({ status: 'succeeded', text: 'Heard: a "quoted" prompt' });
    expect((await runWorkflow(workflow(), world(), { prompt: 'a "quoted" prompt' })).json).toEqual(run.json);
    expect(await runs()).toEqual([{ status: 'succeeded', node: '231/0' }]);
  });

  it('a run that failed stops the execution, with what it says', async () => {
    stage.upstream.script({ status: 401, message: 'no' });
    await expect(runWorkflow(workflow(), world(), {})).rejects.toThrow(
      /^failed: upstream_auth_failed .*run_/,
    );
  });

  it('a refusal stops the execution, with what it says', async () => {
    env['CLAVIGER_WORKSPACE_ID'] = 'ws_00000000000000000000000000';
    await expect(runWorkflow(workflow(), world(), {})).rejects.toThrow(/404 - .*not_found/);
  });
});

describe('#57 example: curl', () => {
  const curl = (...args: string[]) => start('bash', [example('curl/agent.sh'), ...args]);
  const PROMPT = 'Say "hello"\nin two\tlines.\\';

  it('sync, stream, and async with waiting give one run its one answer', async () => {
    stage.upstream.respond(({ lastUserText }) => ({ text: ['Heard: ', lastUserText], pieceDelayMs: 50 }));
    const answers = [];
    for (const mode of ['async', 'sync', 'async']) {
      const { code, out, err } = await curl(mode, 'node-1', PROMPT).ended;
      expect([mode, code, err]).toEqual([mode, 0, '']);
      answers.push(JSON.parse(out));
    }
    expect(answers[0]).toMatchObject({ status: 'succeeded', text: `Heard: ${PROMPT}` });
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
    const { out } = await curl('stream', 'node-2', PROMPT).ended;
    expect(out).toMatch(
      /^id: 1\nevent: run\.started\n[\s\S]*event: text\.delta\n[\s\S]*event: run\.finished\n/,
    );
    expect((await runs()).map(({ node }) => node)).toEqual(['node-1', 'node-2']);
  });

  it('async and stream fail for a run that failed, with what the engine says', async () => {
    for (const [index, mode] of ['async', 'stream'].entries()) {
      stage.upstream.script({ status: 401, message: 'no' });
      const { code, out } = await curl(mode, `node-failing-${index}`, 'Hi.').ended;
      expect([mode, code]).toEqual([mode, 1]);
      expect(out).toContain('upstream_auth_failed');
    }
  });

  it('cancels, and fails with what the engine says', async () => {
    stage.upstream.script({ text: ['One', ' two'], hang: 'body' });
    const { out } = await curl('cancel', 'node-3', 'Hi.').ended;
    expect(JSON.parse(out)).toMatchObject({ status: 'cancelled', error: { code: 'run_cancelled' } });
    env['CLAVIGER_TOKEN'] = 'clv_eng_none';
    const refused = await curl('sync', 'node-4', 'Hi.').ended;
    expect([refused.code, JSON.parse(refused.out).code]).toEqual([22, 'unauthenticated']);
  });
});

describe('#57 example: an engine of its own', () => {
  const main = () => start(process.execPath, [example('sample-engine/main.ts'), tenant.workspaceId]);

  it('runs branches at once, joins them, calls its tool; killed in the middle it goes on, and nothing runs twice', async () => {
    let open = 0;
    let most = 0;
    const holding = (delayMs: number, answer: object) => {
      most = Math.max(most, (open += 1));
      setTimeout(() => (open -= 1), delayMs - 20);
      return { ...answer, delayMs };
    };
    stage.upstream.respond(({ lastUserText, toolResults }) => {
      if (lastUserText.startsWith('Write an order'))
        return holding(1_000, { text: `Order: ${lastUserText}` });
      if (lastUserText.includes('asked for')) return holding(1_500, { text: 'Ten.' });
      if (toolResults.length > 0) return holding(1_500, { text: `Left: ${toolResults.join()}` });
      return holding(500, { toolCalls: [{ name: 'stock', input: { product: 'lamp' } }] });
    });
    const first = main();
    // One branch is past its tool.
    await until(() => stage.upstream.requests.length === 3, 30_000);
    first.process.kill('SIGKILL');
    expect(await first.ended).toMatchObject({ code: null, out: '' });

    const { code, out, err } = await main().ended;
    expect([code, err]).toEqual([0, '']);
    const done = JSON.parse(out);
    expect(done.demand).toBe('Ten.');
    expect(done.supply).toBe('Left: {"left":3}');
    expect(done.order).toBe('Order: Write an order. Demand: Ten. Supply: Left: {"left":3}');
    const nodes = (await runs()).map(({ status, node }) => `${node.split('/')[1]} ${status}`);
    expect(nodes.sort()).toEqual(['demand succeeded', 'order succeeded', 'supply succeeded']);
    expect([stage.upstream.requests.length, most]).toEqual([4, 2]);

    // Once more: its journal has it all.
    expect(JSON.parse((await main().ended).out)).toEqual(done);
    expect(stage.upstream.requests).toHaveLength(4);
  });
});
