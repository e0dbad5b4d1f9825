import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:net';
import { toUuid } from '#lib/kernel';
import { PgPool } from '#lib/persistence';
import { SSRF_CORPUS, ssrfUrl } from '#lib/testing';
import { startBothPlanes, type BothPlanes } from '../support/both-planes.js';
import { Person } from '../support/person.js';
import { startPlane, type PlaneProcess } from '../support/plane-process.js';
import { Receiver, status, verified } from '../support/receiver.js';

/** What the fake vendor says to whatever it is asked. */
const ANSWER = 'All is well here.';
const RUN_EVENTS = ['run.finished', 'run.failed'];

interface Hook {
  id: string;
  secret: string;
  path: string;
}

describe('#55 webhooks: control plane, engine and worker as processes, a receiver that verifies', () => {
  let planes: BothPlanes;
  let receiver: Receiver;
  let worker: PlaneProcess;
  let superuser: PgPool;
  let owner: Person;
  let engineToken: string;
  let paths = 0;

  beforeAll(async () => {
    receiver = await Receiver.start();
    planes = await startBothPlanes('sk-webhooks-0123456789abcdef', [receiver.port]);
    ({ owner } = planes);
    superuser = new PgPool({ databaseUrl: planes.database.superuserUrl, max: 2 });
    worker = await startWorker();
    engineToken = (await owner.post('/tokens', { name: 'engine', kind: 'engine' })).body.token;
  }, 120_000);
  afterAll(async () => {
    await worker.stop();
    await superuser.close();
    await planes.stop();
    await receiver.stop();
  });

  const startWorker = () =>
    startPlane('worker', {
      DATABASE_URL: planes.database.workerUrl,
      ...planes.keyFiles.workerEnv,
      ...planes.egress,
    });

  async function hook(events: string[] = RUN_EVENTS, more: object = {}, by = owner): Promise<Hook> {
    const path = `/hook-${(paths += 1)}`;
    const made = await by.post('/webhooks', { name: path, url: receiver.url(path), events, ...more });
    expect([made.status, made.body.secret]).toEqual([
      201,
      expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    ]);
    return { id: made.body.id, secret: made.body.secret, path };
  }

  const deliveries = async ({ id }: Hook) => (await owner.get(`/webhooks/${id}/deliveries`)).body.data;
  const remove = ({ id }: Hook) => owner.delete(`/webhooks/${id}`);
  const test = async ({ id }: Hook) => (await owner.post(`/webhooks/${id}/test`)).body;
  const at = ({ path }: Hook) => receiver.at(path);
  const settled = (made: Hook, state: string) =>
    until(async () => (await deliveries(made))[0]?.state === state, `a delivery that has ${state}`);
  /** Time passes: what waits for its next attempt, or for the end of a dead process's hold, is due. */
  const isDue = ({ id }: Hook) =>
    superuser.query(
      `UPDATE webhook_deliveries SET next_attempt_at = now(), claimed_until = NULL WHERE webhook_id = $1 AND state = 'pending'`,
      [toUuid(id)],
    );

  it('tells of a run’s end: signed, with its ids, what it said and what it used', async () => {
    const made = await hook();
    const run = await planes.run<{ id: string; text: string; usage: object; served: object }>(engineToken);
    await until(() => at(made).length === 1, 'the message');
    const [message] = at(made);
    const { data, type } = verified(made.secret, message!);
    expect(type).toBe('run.finished');
    expect(data).toMatchObject({
      ...{ runId: run.id, workspaceId: owner.workspaceId, status: 'succeeded', text: run.text },
      ...{ usage: run.usage, served: run.served, nodeExecutionId: expect.stringMatching(/^n-/) },
    });
    await settled(made, 'succeeded');
    expect(await deliveries(made)).toMatchObject([
      { messageId: message!.id, attempts: 1, lastStatus: 204, ids: { runId: run.id } },
    ]);
    await remove(made);
  });

  it('tells the webhook that a run names of its end, whatever it subscribed to; a foreign one is not found', async () => {
    const made = await hook(['policy.violated']);
    const stranger = await new Person(planes.api.url).signUp('caller@example.test');
    const theirs = await hook(['run.finished'], {}, stranger);
    const named = (webhookId: string) =>
      planes.run<{ id: string; code: string }>(engineToken, owner.workspaceId, { callback: { webhookId } });
    for (const id of [theirs.id, 'whk_x'])
      expect(await named(id)).toMatchObject({ httpStatus: 404, code: 'not_found' });
    const run = await named(made.id);
    await until(() => at(made).length === 1, 'the message');
    expect(verified(made.secret, at(made)[0]!)).toMatchObject({
      type: 'run.finished',
      data: { runId: run.id },
    });
    expect(at(theirs)).toEqual([]);
    await remove(made);
  });

  it('sends nothing that nobody subscribed to, nothing of other workspaces, and events of keys', async () => {
    const other = (await owner.post('/workspaces', { name: 'other' })).body.id;
    const [elsewhere, keys] = [
      await hook(RUN_EVENTS, { workspaceId: other }),
      await hook(['ai-provider.created']),
    ];
    await planes.run(engineToken);
    const key = await owner.post('/ai-providers', {
      name: 'told',
      provider: 'openai',
      secret: 'sk-told-0123456789',
    });
    await until(() => at(keys).length === 1, 'the message about the key');
    expect(verified(keys.secret, at(keys)[0]!)).toMatchObject({
      type: 'ai-provider.created',
      data: { aiProviderId: key.body.id },
    });
    expect(at(keys)[0]!.body).not.toContain('sk-told');
    expect(at(elsewhere)).toEqual([]);
    await Promise.all([remove(elsewhere), remove(keys)]);
  });

  it('signs with both secrets while a rotation overlaps, and with the new one alone afterwards', async () => {
    const made = await hook();
    const rotate = async (overlapSeconds: number): Promise<string> =>
      (await owner.post(`/webhooks/${made.id}/rotate-secret`, { overlapSeconds })).body.secret;
    const second = await rotate(3_600);
    await test(made);
    await until(() => at(made).length === 1, 'the first test');
    for (const secret of [made.secret, second])
      expect(verified(secret, at(made)[0]!).type).toBe('webhook.test');
    const third = await rotate(0);
    await test(made);
    await until(() => at(made).length === 2, 'the second test');
    expect(verified(third, at(made)[1]!).type).toBe('webhook.test');
    for (const secret of [made.secret, second]) expect(() => verified(secret, at(made)[1]!)).toThrow();
    const { rows } = await superuser.query<{ state: string }>(
      `SELECT state FROM secret_versions v JOIN webhooks w USING (org_id, secret_id) WHERE w.id = $1 ORDER BY version`,
      [toUuid(made.id)],
    );
    expect(rows.map(({ state }) => state)).toEqual(['shredded', 'shredded', 'active']);
    await remove(made);
  });

  it('tries again what was not taken, under the same webhook-id, and sends it once more on request', async () => {
    const made = await hook();
    receiver.answer(made.path, status(503, 'busy \u202e now', { 'retry-after': '120' }));
    const { id } = await test(made);
    await until(async () => (await deliveries(made))[0]?.lastStatus === 503, 'the failed attempt');
    const [waiting] = await deliveries(made);
    expect(waiting).toMatchObject({ state: 'pending', attempts: 1, lastAnswer: 'busy   now' });
    expect(Date.parse(waiting.nextAttemptAt) - Date.parse(waiting.lastAttemptAt)).toBeGreaterThanOrEqual(
      119_000,
    );
    receiver.answer(made.path);
    await isDue(made);
    await settled(made, 'succeeded');
    expect((await owner.post(`/webhooks/${made.id}/deliveries/${id}/redeliver`)).status).toBe(202);
    await until(() => at(made).length === 3, 'the third request');
    expect(new Set(at(made).map((message) => message.id)).size).toBe(1);
    await settled(made, 'succeeded');
    await remove(made);
  });

  it('loses nothing when the worker is killed in the middle of a delivery', async () => {
    const made = await hook();
    receiver.answer(made.path, () => undefined);
    await test(made);
    await until(() => at(made).length === 1, 'the request that is never answered');
    await worker.kill();
    receiver.answer(made.path);
    await planes.run(engineToken);
    worker = await startWorker();
    await isDue(made);
    await until(
      async () => (await deliveries(made)).every((one: { state: string }) => one.state === 'succeeded'),
      'all',
    );
    const [first] = at(made);
    expect(at(made).filter(({ id }) => id === first!.id)).toHaveLength(2);
    expect(at(made).map(({ body }) => JSON.parse(body).type)).toContain('run.finished');
    await remove(made);
  });

  it('disables one whose endpoint says that it is gone, and tells who answers for it', async () => {
    const made = await hook();
    receiver.answer(made.path, status(410));
    await test(made);
    await settled(made, 'failed');
    expect((await owner.get(`/webhooks/${made.id}`)).body).toMatchObject({
      enabled: false,
      disabledReason: 'gone',
    });
    const notices = (await owner.get('/notices')).body.data;
    expect(notices).toContainEqual(expect.objectContaining({ kind: 'webhook.disabled', subjectId: made.id }));
    expect((await owner.post(`/webhooks/${made.id}/test`)).body).toMatchObject({
      status: 409,
      code: 'conflict',
    });
    const audit = (await owner.get('/audit-events?action=webhooks:DisableWebhook')).body.data;
    expect(audit[0]).toMatchObject({ target: made.id, actor: 'system' });
    await owner.patch(`/webhooks/${made.id}`, { enabled: true });
    expect((await owner.get('/notices')).body.data).not.toContainEqual(
      expect.objectContaining({ subjectId: made.id }),
    );
    await remove(made);
  });

  it('gives up after the last attempt, and disables what took nothing in all that time', async () => {
    const made = await hook();
    receiver.answer(made.path, status(500));
    await test(made);
    await until(() => at(made).length === 1, 'the first attempt');
    await until(async () => (await deliveries(made))[0].lastStatus === 500, 'its outcome');
    await superuser.query(`UPDATE webhook_deliveries SET round_attempts = 7 WHERE webhook_id = $1`, [
      toUuid(made.id),
    ]);
    await isDue(made);
    await settled(made, 'failed');
    expect((await owner.get(`/webhooks/${made.id}`)).body).toMatchObject({
      enabled: false,
      disabledReason: 'failing',
    });
    await remove(made);
  });

  it('#50 refuses private addresses when a URL is saved, and dials none when one got there; follows no redirect', async () => {
    const sample = SSRF_CORPUS.filter(({ category }, index) => category !== 'names' && index % 12 === 0);
    expect(sample.length).toBeGreaterThan(5);
    for (const url of sample.map((one) => ssrfUrl(one))) {
      const { body } = await owner.post('/webhooks', { name: 'x', url, events: RUN_EVENTS });
      expect([url, body.code]).toEqual([url, 'egress_blocked']);
    }
    let dialled = 0;
    const inside: Server = createServer(() => void (dialled += 1));
    await new Promise<void>((listening) => inside.listen(0, '127.0.0.1', listening));
    const address = inside.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const made = await hook();
    await superuser.query('UPDATE webhooks SET url = $2 WHERE id = $1', [
      toUuid(made.id),
      `http://127.0.0.1:${port}/`,
    ]);
    await test(made);
    await until(async () => (await deliveries(made))[0].lastError !== null, 'the refusal');
    expect(dialled).toBe(0);
    inside.close();
    await superuser.query('UPDATE webhooks SET url = $2 WHERE id = $1', [
      toUuid(made.id),
      receiver.url(made.path),
    ]);
    receiver.answer(made.path, status(307, '', { location: receiver.url('/elsewhere') }));
    await isDue(made);
    await until(async () => /redirect/.test((await deliveries(made))[0].lastError), 'the redirect');
    expect(receiver.at('/elsewhere')).toEqual([]);
    await remove(made);
  });

  it('makes nobody wait for a slow endpoint, and bounds what is under way to it', async () => {
    const [slow, fast] = [await hook(), await hook()];
    receiver.answer(slow.path, () => undefined);
    for (let i = 0; i < 8; i += 1) await test(slow);
    await until(() => receiver.open.get(slow.path) === 4, 'four requests to the slow one');
    for (let i = 0; i < 3; i += 1) await test(fast);
    await until(() => at(fast).length === 3, 'the fast one’s messages');
    expect(receiver.most.get(slow.path)).toBe(4);
    await Promise.all([remove(slow), remove(fast)]);
  });

  it('#7 is another tenant’s 404 in every operation, and a hard wall for tokens of a workspace', async () => {
    const made = await hook();
    const { id: delivery } = await test(made);
    const stranger = await new Person(planes.api.url).signUp('stranger@example.test');
    const gone = [
      stranger.get(`/webhooks/${made.id}`),
      stranger.patch(`/webhooks/${made.id}`, { enabled: false }),
      stranger.delete(`/webhooks/${made.id}`),
      stranger.get(`/webhooks/${made.id}/deliveries`),
      stranger.post(`/webhooks/${made.id}/test`),
      stranger.post(`/webhooks/${made.id}/rotate-secret`, {}),
      stranger.post(`/webhooks/${made.id}/deliveries/${delivery}/redeliver`),
    ];
    expect((await Promise.all(gone)).map(({ status: code }) => code)).toEqual(Array(7).fill(404));
    const theirs = await hook(RUN_EVENTS, {}, stranger);
    const crossed = await owner.post(`/webhooks/${made.id}/deliveries/${(await test(made)).id}x/redeliver`);
    expect(crossed.status).toBe(404);
    const mixed = {
      name: 'mixed',
      url: receiver.url('/m'),
      events: RUN_EVENTS,
      workspaceId: owner.workspaceId,
    };
    expect((await stranger.post('/webhooks', mixed)).status).toBe(404);
    const bound = { name: 'bound', kind: 'api', workspaceId: owner.workspaceId };
    const walled = new Person(planes.api.url).withToken((await owner.post('/tokens', bound)).body.token);
    expect((await walled.get('/webhooks')).status).toBe(403);
    // Who may not read runs may not have them sent to themselves.
    const narrow = { name: 'narrow', kind: 'api', permissions: ['webhooks:*'] };
    const token = new Person(planes.api.url).withToken((await owner.post('/tokens', narrow)).body.token);
    const asked = await token.post('/webhooks', { name: 'n', url: receiver.url('/n'), events: RUN_EVENTS });
    expect([asked.status, asked.body.code]).toEqual([403, 'forbidden']);
    await Promise.all([remove(made), stranger.delete(`/webhooks/${theirs.id}`)]);
  });

  it('#17 shows its secret once, stores it sealed, and erases it with the webhook', async () => {
    const made = await hook();
    const read = await owner.get(`/webhooks/${made.id}`);
    expect(JSON.stringify(read.body)).not.toContain(made.secret);
    const purposes = (await owner.get('/secrets')).body.data.map((one: { purpose: string }) => one.purpose);
    expect(new Set(purposes)).toEqual(new Set(['call']));
    const { rows } = await superuser.query<{ row: string; secret_id: string }>(
      `SELECT v::text AS row, v.secret_id FROM secret_versions v JOIN webhooks w USING (org_id, secret_id) WHERE w.id = $1`,
      [toUuid(made.id)],
    );
    expect(rows).toHaveLength(1);
    for (const encoded of [made.secret, made.secret.slice(6)]) expect(rows[0]!.row).not.toContain(encoded);
    await remove(made);
    const left = await superuser.query('SELECT 1 FROM secret_versions WHERE secret_id = $1', [
      rows[0]!.secret_id,
    ]);
    expect(left.rows).toEqual([]);
    expect(worker.output()).not.toContain(made.secret);
  });

  it('#48 says nothing of a run that a policy keeps nothing of, and keeps no echo of it', async () => {
    const policy = await owner.post('/policies', {
      ...{ name: 'nothing', scope: { type: 'organization' }, severity: 'HIGH' },
      rules: [{ type: 'retention', content: 'none' }],
    });
    expect(policy.status).toBe(201);
    const made = await hook();
    receiver.answer(made.path, (response, { body }) => void response.writeHead(500).end(body));
    const run = await planes.run<{ id: string; text: string }>(engineToken);
    expect(run.text).toContain(ANSWER);
    await until(async () => (await deliveries(made))[0]?.lastStatus === 500, 'the message');
    const { data } = verified(made.secret, at(made)[0]!);
    expect(data).toMatchObject({ runId: run.id, status: 'succeeded', retention: 'none' });
    expect(Object.keys(data)).not.toEqual(expect.arrayContaining(['text']));
    expect(at(made)[0]!.body).not.toContain(ANSWER);
    expect((await deliveries(made))[0].lastAnswer).toBeNull();
    await remove(made);
  });
});

/** Waits until something is so; generous, since it asserts what happens and not how fast. */
async function until(check: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let waited = 0; waited < 60_000; waited += 50) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited in vain for ${what}`);
}
