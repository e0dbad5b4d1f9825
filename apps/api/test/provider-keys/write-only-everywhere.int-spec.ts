import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { toUuid } from '#lib/kernel';
import { fillPath, type MatrixOperation } from '#lib/testing';
import { startFakeEngine, testResult, type FakeEngine } from '../support/fake-engine.js';
import { makeKeyFiles, type KeyFiles } from '../support/key-files.js';
import { withSuperuser } from '../support/members.js';
import { sampleBody } from '../support/matrix/samples.js';
import { committedOperations } from '../support/matrix/stage.js';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const MARK = 'canary';
const secretOf = (n: number) => `sk-proj-${MARK}-${n}-7f3b0c55d2a94e1e8f6a-Zq9f`;

describe('a secret, over every operation of the document', () => {
  let api: TestApi;
  let keyFiles: KeyFiles;
  let engine: FakeEngine;
  let owner: Person;
  const ids: Record<string, string> = {};
  const answers: [string, string][] = [];
  const keep = (what: string, answer: Response): Response => {
    answers.push([what, `${answer.text} ${JSON.stringify(answer.headers)}`]);
    return answer;
  };
  const leaks = () => answers.filter(([, text]) => text.includes(MARK)).map(([what]) => what);

  beforeAll(async () => {
    keyFiles = makeKeyFiles();
    engine = await startFakeEngine(() => keyFiles.ticketPublicKeyPem);
    engine.answer = ({ action }) => ({
      status: 200,
      body: action === 'test' ? testResult(true) : { data: [] },
    });
    api = await startTestApi({ keyFiles, env: { CLAVIGER_ENGINE_INTERNAL_URL: engine.url } });
    owner = await api.owner();
    const key = await owner.post('/ai-providers', { name: 'K', provider: 'openai', secret: secretOf(1) });
    const secret = await owner.post('/secrets', {
      name: 'S',
      secret: secretOf(2),
      origins: ['https://api.openai.com'],
    });
    const token = await owner.post('/tokens', { name: 'T', kind: 'api' });
    Object.assign(ids, { aip: key.body.id, sec: secret.body.id, tok: token.body.id });
    Object.assign(ids, { org: owner.orgId, ws: owner.workspaceId, mem: owner.memberId });
    ids['inv'] = (await owner.post('/invites', {})).body.id;
    ids['ses'] = (await owner.get('/auth/sessions')).body.data[0].id;
    await owner.put(`/workspaces/${ids['ws']}/ai-providers`, { assignments: [{ aiProviderId: ids['aip'] }] });
  });
  afterAll(async () => {
    await api.stop();
    await engine.stop();
    keyFiles.remove();
  });

  const path = (of: MatrixOperation) => fillPath(of, ({ kind }) => ids[kind] ?? '').replace('/api/v1', '');

  it('#17 nothing that can be read shows one: keys, versions, secrets, audit log, usage, lists and exports', async () => {
    const reads = committedOperations().filter(({ method }) => method === 'GET');
    for (const read of reads) keep(`GET ${read.path}`, await owner.get(path(read)));
    expect(reads.length).toBeGreaterThan(20);
    expect(leaks()).toEqual([]);
    const audit = answers.find(([what]) => what.endsWith('/audit-events'))?.[1] ?? '';
    expect(audit).toContain(ids['aip']);
  });

  it('#17 no change answers with one, nor does its replay, and what is kept for the replay holds none', async () => {
    const bodies: [string, object][] = [
      ['/ai-providers', { name: 'Replayed', provider: 'openai', secret: secretOf(3) }],
      ['/secrets', { name: 'Replayed', secret: secretOf(4), origins: ['https://api.openai.com'] }],
      [`/ai-providers/${ids['aip']}/rotate`, { secret: secretOf(5) }],
      [`/secrets/${ids['sec']}/rotate`, { secret: secretOf(6) }],
      [`/ai-providers/${ids['aip']}/test`, {}],
    ];
    for (const [n, [to, body]] of bodies.entries()) {
      const headers = { 'idempotency-key': `write-only-${n}` };
      const again = () => owner.send('POST', to, body, headers);
      const first = keep(`POST ${to}`, await again());
      const second = keep(`POST ${to} again`, await again());
      expect([to, first.status < 300, second.status]).toEqual([to, true, first.status]);
      const other = { ...body, secret: secretOf(7) };
      keep(`POST ${to}, another body`, await owner.send('POST', to, other, headers));
    }
    keep(
      'PATCH',
      await owner.patch(`/ai-providers/${ids['aip']}`, { secret: secretOf(8), baseUrl: 'no url' }),
    );
    keep(
      'PATCH',
      await owner.patch(`/ai-providers/${ids['aip']}`, { secret: secretOf(8), nonsense: secretOf(8) }),
    );
    expect(leaks()).toEqual([]);
    const kept = await withSuperuser(api, async (pool) => {
      const sql = `SELECT 'idempotency' AS place, t::text AS row FROM idempotency_keys t UNION ALL
        SELECT 'audit', t::text FROM audit_events t UNION ALL SELECT 'outbox', t::text FROM outbox_events t`;
      return (await pool.query<{ place: string; row: string }>(sql, [])).rows;
    });
    expect([...new Set(kept.map(({ place }) => place))].sort()).toEqual(['audit', 'idempotency', 'outbox']);
    expect(kept.filter(({ row }) => row.includes(MARK))).toEqual([]);
    console.log(`${answers.length} answers of the control plane and ${kept.length} kept rows: 0 secrets`);
  });

  it('#16 a secret is linked inside its organization only, when a key is made and when one is changed', async () => {
    const stranger = await api.owner();
    const link = { name: 'L', provider: 'openai', secretId: ids['sec'] };
    const own = await stranger.post('/ai-providers', {
      name: 'Own',
      provider: 'openai',
      secret: secretOf(9),
    });
    const made = await stranger.post('/ai-providers', link);
    const changed = await stranger.patch(`/ai-providers/${own.body.id}`, { secretId: ids['sec'] });
    for (const answer of [made, changed])
      expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
    expect((await stranger.get(`/ai-providers/${own.body.id}`)).body.secretId).toBe(own.body.secretId);
    const { rows } = await withSuperuser(api, (pool) =>
      pool.query<{ org: string }>('SELECT org_id AS org FROM provider_keys WHERE secret_id = $1', [
        toUuid(ids['sec'] ?? ''),
      ]),
    );
    expect(rows.filter(({ org }) => org !== toUuid(owner.orgId))).toEqual([]);
    expect((await owner.post('/ai-providers', link)).status).toBe(201);
  });

  it('#17 the answers of the writes that are left show none either', async () => {
    const others = committedOperations().filter(
      ({ method, id, operator }) =>
        method !== 'GET' && !operator && !/^(auth|account|orgs|orgLifecycle|members)\./.test(id),
    );
    for (const operation of others) {
      const answer = await owner.send(
        operation.method,
        path(operation),
        sampleBody(operation, (kind) => ids[kind] ?? ''),
      );
      keep(`${operation.method} ${operation.path}`, answer);
    }
    expect(leaks()).toEqual([]);
  });
});
