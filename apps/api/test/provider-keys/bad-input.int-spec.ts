import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withSuperuser } from '../support/members.js';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const SECRET = 'sk-proj-0123456789abcdefghij-Zq9f';
const good = { name: 'Good', provider: 'openai', secret: SECRET };
const gateway = { name: 'G', provider: 'gateway', secret: SECRET };

/** A body, the code of the refusal, and where the fault is said to be. */
const CASES: [string, object, string, string | null][] = [
  ['an unknown field', { ...good, colour: 'red' }, 'validation_failed', '/colour'],
  [
    'an unknown field deep inside',
    { ...good, limits: { rpm: 1, per: 2 } },
    'validation_failed',
    '/limits/per',
  ],
  ['an unknown provider', { ...good, provider: 'opena1' }, 'validation_failed', '/provider'],
  [
    'an IAM pair that lacks a half',
    { ...good, provider: 'AWS', secret: { accessKeyId: 'A' } },
    'validation_failed',
    '/secret',
  ],
  ['a JSON object where a key is due', { ...good, secret: { key: SECRET } }, 'validation_failed', '/secret'],
  [
    'a service account without a project',
    { ...good, provider: 'vertex', secret: { client_email: 'a@b', private_key: 'c' } },
    'validation_failed',
    '/config/project',
  ],
  [
    'a service account whose tokens come from a private address',
    {
      ...good,
      provider: 'vertex',
      config: { project: 'p-1' },
      secret: { client_email: 'a@b', private_key: 'c', token_uri: 'https://169.254.169.254/token' },
    },
    'egress_blocked',
    null,
  ],
  [
    'a region that would change the host',
    { ...good, provider: 'bedrock', config: { region: 'x.evil.test/' } },
    'validation_failed',
    '/config/region',
  ],
  ['Azure without its address', { ...good, provider: 'azure' }, 'validation_failed', '/baseUrl'],
  ['no provider', { name: 'X', secret: SECRET }, 'validation_failed', '/provider'],
  ['no name', { provider: 'openai', secret: SECRET }, 'validation_failed', '/name'],
  ['a blank name', { ...good, name: '   ' }, 'validation_failed', '/name'],
  ['a name with a line break', { ...good, name: 'a\nb' }, 'validation_failed', '/name'],
  ['a name of 121 characters', { ...good, name: 'n'.repeat(121) }, 'validation_failed', '/name'],
  ['a name that is a number', { ...good, name: 7 }, 'validation_failed', '/name'],
  ['an empty secret', { ...good, secret: '' }, 'validation_failed', '/secret'],
  ['a secret of blanks', { ...good, secret: ' \n ' }, 'validation_failed', '/secret'],
  ['a secret that is an object', { ...good, secret: { key: SECRET } }, 'validation_failed', '/secret'],
  ['a secret of 16,385 characters', { ...good, secret: 's'.repeat(16_385) }, 'validation_failed', '/secret'],
  [
    'a secret with a line break and a header in it',
    { ...good, secret: 'sk-aaaa\r\nx-evil: 1aaaaaa' },
    'validation_failed',
    '/secret',
  ],
  [
    'a secret with a control character',
    { ...good, secret: `${SECRET}\u0007` },
    'validation_failed',
    '/secret',
  ],
  [
    'a secret with letters beyond Latin-1',
    { ...good, secret: 'sk-ключ-0123456789' },
    'validation_failed',
    '/secret',
  ],
  [
    'a second secret with a line break',
    { ...gateway, baseUrl: 'https://a.example/v1', secondSecret: 'a\nb' },
    'validation_failed',
    '/secondSecret',
  ],
  ['null', { ...good, baseUrl: null }, 'validation_failed', '/baseUrl'],
  [
    'a second secret where there is none',
    { ...good, secondSecret: 'x' },
    'validation_failed',
    '/secondSecret',
  ],
  [
    'a second secret without a first',
    { name: 'X', provider: 'gateway', secondSecret: 'x' },
    'validation_failed',
    '/secondSecret',
  ],
  [
    'a secret and a link to one',
    { ...good, secretId: 'sec_01h455vb4pex5vsknk084sn02q' },
    'validation_failed',
    '/secretId',
  ],
  [
    '501 models',
    { ...good, models: Array.from({ length: 501 }, (_, i) => `m${i}`) },
    'validation_failed',
    '/models',
  ],
  ['a model twice', { ...good, models: ['a', 'a'] }, 'validation_failed', '/models'],
  ['a model with a blank', { ...good, defaultModel: 'gpt 4' }, 'validation_failed', '/defaultModel'],
  ['a limit of 0', { ...good, limits: { rpm: 0 } }, 'validation_failed', '/limits/rpm'],
  ['a limit that is no integer', { ...good, limits: { tpm: 1.5 } }, 'validation_failed', '/limits/tpm'],
  [
    'an expiry that is over',
    { ...good, expiresAt: '2020-01-01T00:00:00Z' },
    'validation_failed',
    '/expiresAt',
  ],
  [
    'a day that no calendar has',
    { ...good, expiresAt: '2027-02-30T00:00:00Z' },
    'validation_failed',
    '/expiresAt',
  ],
  [
    'a setting that the provider has not',
    { ...good, config: { region: 'x' } },
    'validation_failed',
    '/config/region',
  ],
  [
    'a protocol that nobody speaks',
    { ...gateway, baseUrl: 'https://a.example/v1', config: { protocol: 'soap' } },
    'validation_failed',
    '/config/protocol',
  ],
  ['no base URL where one is needed', gateway, 'validation_failed', '/baseUrl'],
  ['a base URL that is none', { ...gateway, baseUrl: 'nonsense' }, 'validation_failed', '/baseUrl'],
  [
    'a base URL with a password',
    { ...gateway, baseUrl: 'https://u:p@a.example/v1' },
    'validation_failed',
    '/baseUrl',
  ],
  ['a NUL', { ...good, name: 'a\u0000b' }, 'validation_failed', '/name'],
  ...[
    'http://127.0.0.1:11434',
    'https://127.0.0.1/v1',
    'https://localhost/v1',
    'https://2130706433/v1',
    'https://0x7f.1/v1',
    'https://0177.0.0.1/v1',
    'https://127.1/v1',
    'https://①②⑦.0.0.1/v1',
    'https://[::1]/v1',
    'https://[::ffff:127.0.0.1]/v1',
    'https://[64:ff9b::7f00:1]/v1',
    'https://10.0.0.8/v1',
    'https://192.168.1.1/v1',
    'https://172.16.0.1/v1',
    'https://100.64.0.1/v1',
    'https://169.254.169.254/latest',
    'https://[fe80::1]/v1',
    'https://[fd00::1]/v1',
    'https://0.0.0.0/v1',
    'https://93.184.216.34:8443/v1',
    'http://93.184.216.34/v1',
  ].map((baseUrl): [string, object, string, null] => [
    `base URL ${baseUrl}`,
    { ...gateway, baseUrl },
    'egress_blocked',
    null,
  ]),
];

describe('bad input', () => {
  let api: TestApi;
  let owner: Person;
  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
  });
  afterAll(() => api.stop());
  const counts = () =>
    withSuperuser(api, async (pool) => {
      const { rows } = await pool.query<object>(
        `SELECT (SELECT count(*) FROM provider_keys) AS keys, (SELECT count(*) FROM secrets) AS secrets,
           (SELECT count(*) FROM secret_versions) AS versions, (SELECT count(*) FROM audit_events) AS events,
           (SELECT coalesce(sum(used), 0) FROM plan_counters WHERE resource = 'keys') AS used`,
        [],
      );
      return rows[0];
    });

  it.each(CASES)('%s is 422 and changes nothing', async (_name, body, code, pointer) => {
    const before = await counts();
    const answer = await owner.post('/ai-providers', body);
    expect([answer.status, answer.body.code]).toEqual([422, code]);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.body.detail.length).toBeGreaterThan(20);
    expect(answer.text).not.toContain(SECRET);
    if (pointer)
      expect(answer.body.errors.map((fault: { pointer: string }) => fault.pointer)).toContain(pointer);
    if (code === 'egress_blocked' && !/metadata/.test(answer.body.detail))
      expect(answer.body.detail).toContain('CLAVIGER_EGRESS_ALLOW');
    expect(await counts()).toEqual(before);
  });

  it('#8 an unknown provider is refused with the list of valid ones; in a path it is 404', async () => {
    const body = await owner.post('/ai-providers', { ...good, provider: 'opena1' });
    const path = await owner.put('/providers/opena1', { enabled: false });
    expect([path.status, path.body.code]).toEqual([404, 'unknown_provider']);
    for (const slug of [
      'openai',
      'anthropic',
      'google',
      'xai',
      'groq',
      'openrouter',
      'ollama',
      'azure',
      'bedrock',
      'vertex',
    ]) {
      expect(body.body.detail).toContain(slug);
      expect(path.body.detail).toContain(slug);
    }
  });

  it('#8 other systems’ type names are taken', async () => {
    for (const [alias, slug] of [
      ['OPENAI', 'openai'],
      ['GOOGLE', 'google'],
      ['ANTHROPIC', 'anthropic'],
    ]) {
      const answer = await owner.post('/ai-providers', { name: alias, provider: alias, secret: SECRET });
      expect([answer.status, answer.body.provider]).toEqual([201, slug]);
    }
    const other = { name: 'OTHER', provider: 'OTHER', secret: SECRET, baseUrl: 'https://llm.example.com/v1' };
    expect((await owner.post('/ai-providers', other)).body.provider).toBe('custom');
  });

  it('broken JSON is 400, a body over the limit 413, a name of 1 MB 413 or 422, and none changes anything', async () => {
    const before = await counts();
    const headers = {
      'content-type': 'application/json',
      cookie: owner.cookie!,
      'x-csrf-token': owner.csrfToken!,
    };
    const url = `${api.url}/api/v1/ai-providers`;
    const broken = await fetch(url, { method: 'POST', headers, body: '{"name": "x", "secret": "sk-' });
    expect([broken.status, ((await broken.json()) as { code: string }).code]).toEqual([
      400,
      'malformed_request',
    ]);
    const big = await owner.post('/ai-providers', { ...good, name: 'n'.repeat(1_100_000) });
    expect([big.status, big.body.code]).toEqual([413, 'payload_too_large']);
    const large = await owner.post('/ai-providers', { ...good, name: 'n'.repeat(900_000) });
    expect([large.status, large.body.code]).toEqual([422, 'validation_failed']);
    expect(large.text.length).toBeLessThan(2_000);
    expect(await counts()).toEqual(before);
  });

  it('an odd but possible key is saved, with hints that name the mend', async () => {
    const other = await owner.post('/ai-providers', {
      name: 'Odd',
      provider: 'openai',
      secret: 'sk-ant-api03-0123456789abcdef \n',
    });
    expect(other.status).toBe(201);
    const hints = other.body.hints.map(({ detail }: { detail: string }) => detail).join('\n');
    expect(hints).toContain('Anthropic');
    expect(hints).toMatch(/blanks/);
    const path = await owner.post('/ai-providers', {
      ...gateway,
      name: 'Odd 2',
      baseUrl: 'https://llm.example.com',
    });
    expect(path.body.hints).toContainEqual({ pointer: '/baseUrl', detail: expect.stringContaining('/v1') });
  });
});
