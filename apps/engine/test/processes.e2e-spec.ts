import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { Agent, request as ask } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { toUuid } from '#lib/kernel';
import { samplesOf } from '#lib/testing';
import { startFleet, type Fleet } from './support/fleet.js';
import { startSlowVendor } from './support/slow-vendor.js';
import { startStage, type Stage } from './support/stage.js';
import { until } from './support/until.js';

const PIECES = 30;
const [BEGINS_MS, TEST_MS] = [60_000, 150_000];

let vendor: Awaited<ReturnType<typeof startSlowVendor>>;
let stage: Stage;
let fleet: Fleet;
let application: { token: string; tokenId: string; orgId: string };

beforeAll(async () => {
  vendor = await startSlowVendor(PIECES, 40);
  stage = await startStage({ alsoAllow: [`http://127.0.0.1/32:${vendor.port}`] });
  application = await newApplication();
  fleet = await startFleet(stage, 2);
}, TEST_MS);
afterAll(async () => {
  fleet?.signal('SIGKILL');
  await stage?.stop();
  await vendor?.stop();
});

async function newApplication() {
  const tenant = await stage.tenants.create();
  const { orgId, owner, workspaceId } = tenant;
  await stage.tenants.key(tenant, {
    ...{ provider: 'openai', secret: 'sk-processes-0123456789abc', baseUrl: vendor.baseUrl },
  });
  return { orgId, ...(await stage.tenants.token(orgId, owner, 'workspace', workspaceId)) };
}

interface Answer {
  status: number;
  text: string;
  isWhole: boolean;
}

/** One call over one of the agent's connections. Rejects when the connection breaks. */
function call(agent: Agent, stream: boolean, { token } = application): Promise<Answer> {
  const body = JSON.stringify({
    model: 'gpt-4.1-mini',
    messages: [{ role: 'user', content: 'Hi.' }],
    stream,
  });
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const sent = ask(`${fleet.url}/v1/chat/completions`, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('error', reject);
      response.on('close', () =>
        resolve({ status: response.statusCode ?? 0, text, isWhole: response.complete }),
      );
    });
    sent.on('error', reject).end(body);
  });
}

const connection = (): Agent => new Agent({ keepAlive: true, maxSockets: 1 });

describe('an engine of two processes', () => {
  it('serves one port; the figures of both, and of what begins them, are in one place', async () => {
    expect((await fetch(`${fleet.url}/readyz`)).status).toBe(200);
    for (const pid of fleet.serving())
      expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')).toContain('--permission');
    const agents = Array.from({ length: 8 }, connection);
    const answers = await Promise.all(agents.map((agent) => call(agent, false)));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    const text = await (await fetch(fleet.metricsUrl)).text();
    const counts = samplesOf(text).filter((line) =>
      /^claviger_http_request_duration_seconds_count\{.*route="\/v1\/chat\/completions",/.test(line),
    );
    expect(counts.map((line) => /process="(\d)"/.exec(line)?.[1]).sort()).toEqual(['1', '2']);
    expect(counts.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)).toBe(8);
    expect(text).toMatch(/^claviger_engine_processes\{[^}]*state="serving"[^}]*process="primary"[^}]*\} 2$/m);
    // Each metric is told of once, with all its processes below it, or Prometheus takes none of it.
    const told = text.match(/^# TYPE \S+/gm) ?? [];
    expect(told).toHaveLength(new Set(told).size);
    for (const agent of agents) agent.destroy();
  });

  it(
    'is replaced process by process under load: no call fails, no stream is cut',
    async () => {
      const before = fleet.serving();
      let goesOn = true;
      const failures: unknown[] = [];
      const counts = { whole: 0, streams: 0 };
      const client = async (stream: boolean): Promise<void> => {
        const agent = connection();
        while (goesOn) {
          try {
            const { status, text, isWhole } = await call(agent, stream);
            const isRight = stream
              ? text.endsWith('data: [DONE]\n\n') && text.includes(`"${PIECES - 1} "`)
              : true;
            if (status !== 200 || !isWhole || !isRight) failures.push({ stream, status, isWhole, text });
            counts[stream ? 'streams' : 'whole'] += 1;
          } catch (error) {
            failures.push(error);
          }
          if (!stream) await delay(20);
        }
        agent.destroy();
      };
      const clients = [false, false, true, true, true].map(client);
      await until(() => counts.streams > 0, BEGINS_MS);
      fleet.signal('SIGHUP');
      const isReplaced = () =>
        fleet.serving().length === 2 && !fleet.serving().some((pid) => before.includes(pid));
      await until(() => isReplaced() && fleet.leaving().length === 0, 2 * BEGINS_MS);
      const { whole, streams } = { ...counts };
      await until(() => counts.whole > whole && counts.streams > streams, BEGINS_MS);
      goesOn = false;
      await Promise.all(clients);
      expect(failures).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'replaces a process that dies, and serves meanwhile',
    async () => {
      const [victim, survivor] = fleet.serving();
      if (victim === undefined) throw new Error('there is no process');
      process.kill(victim, 'SIGKILL');
      await until(() => !fleet.serving().includes(victim), BEGINS_MS);
      const agents = Array.from({ length: 4 }, connection);
      const answers = await Promise.all(agents.map((agent) => call(agent, false)));
      expect(answers.map(({ status }) => status)).toEqual(Array(4).fill(200));
      await until(() => fleet.serving().length === 2, BEGINS_MS);
      expect(fleet.serving()).toContain(survivor);
      for (const agent of agents) agent.destroy();
    },
    TEST_MS,
  );

  it(
    'C: feels a revocation in each of its processes within two seconds',
    async () => {
      const revoked = await newApplication();
      const agents = Array.from({ length: 8 }, connection);
      const statuses = async () =>
        (await Promise.all(agents.map((agent) => call(agent, false, revoked)))).map(({ status }) => status);
      // The process that was begun last may not listen yet.
      await until(
        async () => /calls_open\{[^}]*process="1"[^]*calls_open\{[^}]*process="2"/.test(await figures()),
        BEGINS_MS,
      );
      expect(await statuses()).toEqual(Array(8).fill(200));
      await stage.db.query('UPDATE tokens SET revoked_at = clock_timestamp() WHERE org_id = $1 AND id = $2', [
        toUuid(revoked.orgId),
        toUuid(revoked.tokenId),
      ]);
      await delay(2_000);
      expect(await statuses()).toEqual(Array(8).fill(401));
      for (const agent of agents) agent.destroy();
    },
    TEST_MS,
  );

  it(
    'asked to end, ends what it has begun and nothing more, within 65 s',
    async () => {
      const agent = connection();
      const stream = call(agent, true);
      await until(async () => /claviger_streams_open\{.*\} 1/.test(await figures()), BEGINS_MS);
      const asked = performance.now();
      fleet.signal('SIGTERM');
      expect((await stream).text).toContain('[DONE]');
      expect(await fleet.ended).toBe(0);
      expect(performance.now() - asked).toBeLessThan(65_000);
      await expect(call(connection(), false)).rejects.toThrow(/ECONNREFUSED/);
    },
    TEST_MS,
  );

  it(
    'that cannot begin says why and ends, all of it',
    async () => {
      const { port } = new URL(stage.url);
      const failed = await startFleet(stage, 2, { CLAVIGER_ENGINE_PORT: port });
      expect(await failed.ended).toBe(1);
      expect(failed.lines.join('\n')).toContain(`CLAVIGER_ENGINE_PORT: port ${port} is in use`);
    },
    TEST_MS,
  );
});

async function figures(): Promise<string> {
  return (await fetch(fleet.metricsUrl)).text();
}
