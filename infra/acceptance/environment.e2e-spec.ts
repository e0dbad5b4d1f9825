import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readFileSync } from 'node:fs';
import {
  canariesIn,
  canaryEnvironment,
  startFakeUpstream,
  startStack,
  type FakeUpstream,
  type RunningStack,
} from '#lib/testing';
import { startBrokenEngine } from './support/broken-engine.js';
import { Person, VENDORS } from './support/client.js';
import { startTrap, type Trap } from './support/trap.js';

jest.setTimeout(240_000);

describe('#34 the environment of the processes and a tenant’s calls', () => {
  let upstream: FakeUpstream;
  let trap: Trap;
  let stack: RunningStack;
  let owner: Person;
  let workflow: Person;
  let workspaceId: string;
  let engineToken: string;
  let environment: Record<string, string>;

  beforeAll(async () => {
    [upstream, trap] = await Promise.all([startFakeUpstream(), startTrap()]);
    environment = canaryEnvironment(trap.url);
    const allow = `http://127.0.0.1/32:${upstream.port},${trap.url.replace('127.0.0.1', '127.0.0.1/32')}`;
    stack = await startStack({ env: { ...environment, CLAVIGER_EGRESS_ALLOW: allow } });
    owner = new Person(stack.state.urls.api);
    ({ workspaceId } = await owner.signUp('owner@environment.test'));
    engineToken = (
      await owner.ok<{ token: string }>('POST', '/api/v1/tokens', { name: 'Engine', kind: 'engine' })
    ).token;
    workflow = new Person(stack.state.urls.engine, engineToken);
  });

  afterAll(async () => {
    await stack?.stop();
    await upstream?.stop();
    trap?.close();
  });

  async function assign(keys: { id: string }[]): Promise<void> {
    const assignments = keys.map(({ id }) => ({ aiProviderId: id }));
    await owner.ok('PUT', `/api/v1/workspaces/${workspaceId}/ai-providers`, { assignments });
  }

  const run = (who: Person, model: string, agent: object = {}) =>
    who.send('POST', `/internal/v1/workspaces/${workspaceId}/agent-runs`, {
      nodeExecutionId: crypto.randomUUID(),
      agent: { model, prompt: 'Hello', ...agent },
    });

  /** Where the canary, or anything at all, went where nothing may go. */
  const leaks = () => ({
    trapped: trap.connections(),
    sent: upstream.requests.filter((request) => canariesIn(JSON.stringify(request)).length > 0).length,
  });

  it('is really full of canaries in the api, the engine and the worker themselves', () => {
    for (const name of ['api', 'engine', 'worker']) {
      const own = readFileSync(`/proc/${stack.state.pids[name]}/environ`, 'utf8').split('\0');
      for (const [variable, value] of Object.entries(environment))
        expect(own).toContain(`${variable}=${value}`);
    }
  });

  it('without a key answers no_provider_key for every vendor and opens no socket', async () => {
    for (const { model } of VENDORS) {
      expect(await run(workflow, model)).toMatchObject({ status: 422, body: { code: 'no_provider_key' } });
    }
    expect(upstream.requests).toHaveLength(0);
    expect(await upstream.connections()).toBe(0);
    expect(leaks()).toEqual({ trapped: 0, sent: 0 });
  });

  it('changes no run: each vendor gets the assigned key in its own header, and nothing else', async () => {
    const keys = await Promise.all(
      VENDORS.map(({ provider, base }) =>
        owner.ok<{ id: string }>('POST', '/api/v1/ai-providers', {
          name: provider,
          provider,
          secret: `real-secret-of-${provider}`,
          baseUrl: upstream.baseUrls[base],
        }),
      ),
    );
    await assign(keys);
    for (const { provider, model, header } of VENDORS) {
      upstream.reset();
      expect(await run(workflow, model)).toMatchObject({
        status: 200,
        body: { status: 'succeeded', served: { provider } },
      });
      expect(upstream.requests).toHaveLength(1);
      expect(upstream.requests[0]?.headers[header]?.toString().replace('Bearer ', '')).toBe(
        `real-secret-of-${provider}`,
      );
      expect(leaks()).toEqual({ trapped: 0, sent: 0 });
    }
  });

  it('gives no address to a key without one: it goes to its vendor or nowhere', async () => {
    upstream.reset();
    const keys = await Promise.all(
      VENDORS.map(({ provider }) =>
        owner.ok<{ id: string }>('POST', '/api/v1/ai-providers', {
          name: `${provider} without address`,
          provider,
          secret: `made-up-key-for-${provider}`,
        }),
      ),
    );
    await assign(keys);
    // Nobody waits for the vendors here: whether they can be reached is not what this is about.
    const answers = await Promise.all(VENDORS.map(({ model }) => run(workflow, model, { timeoutMs: 1_500 })));
    for (const { status } of answers) expect(status).toBeGreaterThanOrEqual(500);
    expect(upstream.requests).toHaveLength(0);
    expect(leaks()).toEqual({ trapped: 0, sent: 0 });
  });

  it('would be caught: an engine whose clients are made without key and address falls into the trap', async () => {
    const [demo] = VENDORS;
    const key = await owner.ok<{ id: string }>('POST', '/api/v1/ai-providers', {
      name: 'For the broken engine',
      provider: demo.provider,
      secret: 'real-secret-of-openai',
      baseUrl: trap.url,
    });
    await assign([key]);
    const broken = await startBrokenEngine(stack.state.pids['engine'] ?? 0);
    try {
      await run(new Person(broken.url, engineToken), demo.model);
    } finally {
      await broken.stop();
    }
    expect(leaks().trapped).toBeGreaterThan(0);
    expect(canariesIn(trap.received())).not.toEqual([]);
  });
});
