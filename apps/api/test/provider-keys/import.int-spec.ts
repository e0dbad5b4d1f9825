import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';
import { joinAs } from '../support/team.js';

const SECRETS = ['sk-import-0123456789abcdef', 'AIzaImport0123456789abcdef', 'import-second-0123456789'];
const [OPENAI, GOOGLE, SECOND] = SECRETS as [string, string, string];
const RECORDS = [
  { group: 'aiprovider', name: 'openai', active: false, value: { api_key: OPENAI, protocol: 'openai' } },
  { configurationName: 'Gemini', type: 'GOOGLE', apiSecret: GOOGLE, workspace: 'w' },
  { configurationName: 'House', type: 'OTHER', apiEndpoint: 'http://169.254.169.254/v1', apiSecret: OPENAI },
  { name: 'Nobody', provider: 'nobody', secret: OPENAI },
  { name: 'Gemini', provider: 'openai', secret: OPENAI },
  { name: 'Two', type: 'OPENAI', apiKey: SECOND, apiSecret: OPENAI },
];

describe('#8 keys of other systems are imported', () => {
  let api: TestApi;
  let owner: Person;
  beforeAll(async () => {
    api = await startTestApi({ env: { CLAVIGER_DEFAULT_PLAN: 'free' } });
    owner = await api.owner();
  });
  afterAll(() => api.stop());
  const outcome = (body: { data: { problem: { code: string } | null }[] }) =>
    body.data.map(({ problem }) => problem?.code ?? 'made');
  const EXPECTED = ['made', 'made', 'egress_blocked', 'validation_failed', 'name_taken', 'validation_failed'];

  it('a preview judges every record and makes nothing', async () => {
    const { status, body } = await owner.post('/ai-providers/import?preview=true', { records: RECORDS });
    expect([status, outcome(body)]).toEqual([200, EXPECTED]);
    expect(body.data[3].problem.errors[0]).toMatchObject({
      pointer: '/provider',
      detail: expect.stringContaining('openrouter'),
    });
    expect(body.data[5].problem.errors[0].pointer).toBe('/secondSecret');
    expect((await owner.get('/ai-providers')).body.data).toEqual([]);
  });

  it('each record is one creation: sealed, counted, audited, switched off where it was; no answer has a secret', async () => {
    const { body, text } = await owner.post('/ai-providers/import', { records: RECORDS });
    expect(outcome(body)).toEqual(EXPECTED);
    expect(body.data[1]).toMatchObject({ name: 'Gemini', provider: 'google', ignored: ['workspace'] });
    const keys = (await owner.get('/ai-providers')).body.data;
    expect(keys).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: body.data[0].id, name: 'openai', enabled: false, hasValue: true }),
        expect.objectContaining({
          id: body.data[1].id,
          provider: 'google',
          enabled: true,
          workspaceCount: 0,
        }),
      ]),
    );
    const log = await owner.get('/audit-events?action=aiProviders:CreateAiProvider');
    expect(log.body.data).toHaveLength(2);
    for (const secret of SECRETS) expect(text + JSON.stringify(keys) + log.text).not.toContain(secret);
    const more = ['A', 'B'].map((name) => ({ name, provider: 'groq', api_key: 'gsk_0123456789abcdef' }));
    const limited = await owner.post('/ai-providers/import', { records: more });
    expect(outcome(limited.body)).toEqual(['made', 'plan_limit_reached']);
  });

  it('what was off there is off here; what cannot be read, or links what is not there, makes no key; nothing is quoted', async () => {
    const other = await api.owner();
    const leak = 'sk-leak-0123456789abcdef';
    const stored = await other.post('/secrets', {
      ...{ name: 'Stored', secret: OPENAI, origins: ['https://api.openai.com'] },
    });
    const foreign = await owner.post('/secrets', {
      ...{ name: 'Foreign', secret: OPENAI, origins: ['https://api.openai.com'] },
    });
    const base = { provider: 'openai', secret: OPENAI };
    const records = [
      { name: 'Off', ...base, active: 'false' },
      { name: 'Linked', provider: 'openai', secretId: stored.body.id },
      { name: 'Perhaps', ...base, enabled: 'perhaps' },
      { name: 'Nothing there', provider: 'openai', secretId: foreign.body.id },
      { provider: leak, secret: OPENAI, [leak]: 1 },
    ];
    const { body, text } = await other.post('/ai-providers/import', { records });
    expect(outcome(body)).toEqual(['made', 'made', 'validation_failed', 'not_found', 'validation_failed']);
    expect(body.data[2].problem.errors[0].pointer).toBe('/enabled');
    expect(body.data[4]).toMatchObject({ name: null, provider: null, ignored: ['(unusual name)'] });
    expect(text).not.toContain(leak);
    const keys = (await other.get('/ai-providers')).body.data;
    expect(keys).toEqual([
      expect.objectContaining({ name: 'Off', enabled: false }),
      expect.objectContaining({ name: 'Linked', enabled: true, hasValue: true }),
    ]);
  });

  it('is the OWNER’s alone, and takes a hundred records at most', async () => {
    const admin = await joinAs(api, owner, 'ADMIN');
    expect((await admin.post('/ai-providers/import', { records: RECORDS })).status).toBe(403);
    for (const records of [[], Array.from({ length: 101 }, () => ({})), ['x']])
      expect((await owner.post('/ai-providers/import', { records })).body.code).toBe('validation_failed');
  });
});
