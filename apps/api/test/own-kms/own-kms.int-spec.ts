import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Opener } from '#lib/custody/opener';
import { systemClock, toUuid } from '#lib/kernel';
import { createKms, KmsError } from '#lib/kms';
import { OwnKmsStore, PgPool } from '#lib/persistence';
import { FakeKms, FakeSts } from '#lib/testing';
import { startFakeEngine, type FakeEngine } from '../support/fake-engine.js';
import { makeKeyFiles, type KeyFiles } from '../support/key-files.js';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

process.env.AWS_ACCESS_KEY_ID = 'AKIDPLATFORM';
process.env.AWS_SECRET_ACCESS_KEY = 'test';

const ROLE = 'arn:aws:iam::222233334444:role/claviger-key';
const SECRET = 'sk-own-kms-0123456789abcdef';
const PATH = '/orgs/current/kms';

let kms: FakeKms;
let sts: FakeSts;
let engine: FakeEngine;
let keyFiles: KeyFiles;
let api: TestApi;
let enginePool: PgPool;
let database: PgPool;

beforeAll(async () => {
  kms = await FakeKms.start();
  sts = await FakeSts.start();
  kms.sts = sts;
  keyFiles = makeKeyFiles();
  engine = await startFakeEngine(() => keyFiles.ticketPublicKeyPem);
  const env = {
    CLAVIGER_ENGINE_INTERNAL_URL: engine.url,
    CLAVIGER_ORG_KMS: 'aws',
    CLAVIGER_ORG_KMS_PRINCIPALS: ['api', 'engine', 'worker']
      .map((name) => `${name}=arn:aws:iam::111122223333:role/claviger-${name}`)
      .join(' '),
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL_KMS: kms.url,
    AWS_ENDPOINT_URL_STS: sts.url,
  };
  api = await startTestApi({ keyFiles, env });
  enginePool = new PgPool({ databaseUrl: api.database.engineUrl, max: 2 });
  database = new PgPool({ databaseUrl: api.database.superuserUrl, max: 2 });
  engine.ownKms = async ({ orgId, kmsRef, probe }) =>
    opener()
      .openProbe(orgId, kmsRef, Buffer.from(probe, 'base64'))
      .then(
        () => ({ ok: true }),
        (error: unknown) => ({
          ok: false,
          said: error instanceof KmsError ? error.message : 'not a KmsError',
        }),
      );
});
afterAll(async () => {
  await Promise.all([enginePool.close(), database.close()]);
  await api.stop();
  await Promise.all([engine.stop(), kms.stop(), sts.stop()]);
  keyFiles.remove();
});

/** The engine's own half, with the engine's own login. */
function opener(): Opener {
  const ownKms = { keys: new OwnKmsStore(enginePool), aws: api.config.orgKms, clock: systemClock };
  const open = createKms(keyFiles.kms.config('call'), 'open', { env: 'test', ownKms });
  return new Opener(open, api.config.deployment, systemClock, 'call');
}

let owner: Person;
let keyId: string;
beforeEach(async () => {
  owner = await api.owner();
  sts.roles.clear();
  sts.trust = () => true;
  kms.policy = () => true;
  keyId = kms.createKeyOf(ROLE);
});

/** What the OWNER does in their AWS account. */
async function trust(): Promise<void> {
  sts.addRole({ arn: ROLE, externalId: (await owner.get(PATH)).body.externalId });
}
const use = (input: object = { keyId, roleArn: ROLE }) => owner.put(PATH, input);
const addKey = async (name: string): Promise<string> =>
  (await owner.post('/ai-providers', { name, provider: 'openai', secret: SECRET })).body.secretId;
async function refsOf(person: Person): Promise<string[]> {
  const { rows } = await database.query<{ ref: string }>(
    'SELECT kms_ref AS ref FROM secret_versions WHERE org_id = $1 ORDER BY secret_id, version',
    [toUuid(person.orgId)],
  );
  return rows.map(({ ref }) => ref);
}

/** What the engine makes of a stored secret. */
async function opens(secretId: string): Promise<string> {
  const { rows } = await database.query<{
    kmsRef: string;
    wrappedDek: Buffer;
    envelope: Buffer;
    origins: string[];
  }>(
    `SELECT kms_ref AS "kmsRef", wrapped_dek AS "wrappedDek", envelope, origins FROM secret_versions WHERE secret_id = $1`,
    [toUuid(secretId)],
  );
  const { origins, ...sealed } = rows[0]!;
  const identity = { orgId: owner.orgId, secretId, version: 1, purpose: 'call', origins } as const;
  return opener()
    .open(identity, { ...sealed, format: 1 })
    .then((secret) => secret.use(String), String);
}

describe('naming a KMS key of one’s own', () => {
  it('tells what the role’s trust policy needs before anything is set', async () => {
    const { status, body } = await owner.get(PATH);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      available: true,
      externalId: expect.stringMatching(/^[0-9a-f]{64}$/),
      orgId: owner.orgId,
      principals: { engine: 'arn:aws:iam::111122223333:role/claviger-engine' },
      key: null,
      former: [],
    });
    const other = await api.owner();
    expect((await other.get(PATH)).body.externalId).not.toBe(body.externalId);
    expect((await owner.get(PATH)).body.externalId).toBe(body.externalId);
  });

  it('tries it with api and engine, and wraps what is sealed from then on', async () => {
    const before = await addKey('before');
    await trust();
    const { status, body } = await use();
    expect([status, body.key]).toEqual([
      200,
      { keyId, roleArn: ROLE, checkedAt: expect.any(String), versions: 0 },
    ]);
    const after = await addKey('after');
    expect(await refsOf(owner)).toEqual([expect.stringMatching(/^local:/), `own-aws:${keyId}|${ROLE}`]);
    expect([await opens(before), await opens(after)]).toEqual(Array(2).fill(`{"secret":"${SECRET}"}`));
    expect((await owner.get(PATH)).body).toMatchObject({ key: { versions: 1 }, platformVersions: 1 });
  });

  it('is in the audit log, and the external id, the names of rows and a secret are in no answer of it', async () => {
    await trust();
    await use();
    const events = (await owner.get('/audit-events')).body.data;
    expect(events).toContainEqual(
      expect.objectContaining({ action: 'orgs:UpdateOrgKms', change: { keyId, roleArn: ROLE } }),
    );
  });

  it('asks AWS with contexts that name the organization, and nothing but its own key', async () => {
    await trust();
    const from = kms.calls.length;
    await use();
    await addKey('one');
    const calls = kms.calls.slice(from);
    expect(calls.map(({ operation, session }) => [operation, session?.tags['claviger-process']])).toEqual([
      ['GenerateDataKey', 'api'],
      ['Decrypt', 'engine'],
      ['GenerateDataKey', 'api'],
    ]);
    for (const call of calls) {
      expect(call.context).toMatchObject({ org: owner.orgId, purpose: 'call' });
      expect(call.session).toMatchObject({ roleArn: ROLE, tags: { 'claviger-org': owner.orgId } });
    }
  });
});

describe('a key that can’t be used changes nothing, and the answer says what to do', () => {
  const unchanged = async () => {
    expect((await owner.get(PATH)).body).toMatchObject({ key: null, former: [] });
    const { rows } = await database.query('SELECT 1 FROM org_kms_keys WHERE org_id = $1', [
      toUuid(owner.orgId),
    ]);
    expect(rows).toEqual([]);
    await addKey(`after ${Math.random()}`);
    expect((await refsOf(owner)).at(-1)).toMatch(/^local:/);
  };

  it.each<[string, () => Promise<void> | void, number, string, RegExp]>([
    [
      'the role does not trust us',
      () => undefined,
      422,
      '/roleArn',
      /AssumeRole: AccessDenied.*trust policy/,
    ],
    [
      'the role trusts another external id',
      () => sts.addRole({ arn: ROLE, externalId: 'somebody else’s' }),
      ...([422, '/roleArn', /AssumeRole: AccessDenied.*external id/] as const),
    ],
    [
      'the role may not use the key',
      async () => {
        await trust();
        kms.policy = () => false;
      },
      ...([422, '/keyId', /GenerateDataKey: AccessDeniedException.*kms:GenerateDataKey/] as const),
    ],
    [
      'the key is disabled',
      async () => {
        await trust();
        kms.setKeyState(keyId, 'Disabled');
      },
      ...([422, '/keyId', /DisabledException.*enabled/] as const),
    ],
    [
      'the api may seal and the engine may not open',
      async () => {
        await trust();
        kms.policy = ({ operation }) => operation !== 'Decrypt';
      },
      ...([422, '/roleArn', /engine could not open.*kms:Decrypt/] as const),
    ],
    [
      'the role admits the api and not the engine',
      async () => {
        await trust();
        sts.trust = ({ tags }) => tags['claviger-process'] === 'api';
      },
      ...([422, '/roleArn', /engine could not open.*AssumeRole.*claviger-process=engine/] as const),
    ],
  ])('%s', async (_why, arrange, status, pointer, detail) => {
    await arrange();
    const answer = await use();
    expect([answer.status, answer.body.code]).toEqual([status, 'validation_failed']);
    expect(answer.body.errors).toEqual([{ pointer, detail: expect.stringMatching(detail) }]);
    expect(answer.text).not.toMatch(/999988887777|claviger-platform|AKID/);
    await unchanged();
  });

  it('AWS does not answer: 503, and another try is the advice', async () => {
    await trust();
    sts.fault = { type: 'InternalFailure', status: 500 };
    const answer = await use();
    sts.fault = undefined;
    expect([answer.status, answer.body.code]).toEqual([503, 'kms_unavailable']);
    await unchanged();
  });

  it('the engine is not there: 503', async () => {
    await trust();
    engine.dead = true;
    const answer = await use();
    engine.dead = false;
    expect([answer.status, answer.body.code]).toEqual([503, 'engine_unavailable']);
    await unchanged();
  });

  it.each([
    ['an alias', { keyId: 'arn:aws:kms:eu-central-1:222233334444:alias/x', roleArn: ROLE }, '/keyId'],
    ['a bare id', { keyId: '1234abcd-12ab-34cd-56ef-1234567890ab', roleArn: ROLE }, '/keyId'],
    [
      'a region that is a host',
      {
        keyId: 'arn:aws:kms:evil.test/x:222233334444:key/1234abcd-12ab-34cd-56ef-1234567890ab',
        roleArn: ROLE,
      },
      '/keyId',
    ],
    ['a user', { roleArn: 'arn:aws:iam::222233334444:user/x' }, '/roleArn'],
    ['a role with a bar', { roleArn: `${ROLE}|x` }, '/roleArn'],
    ['a role of another account', { roleArn: 'arn:aws:iam::555566667777:role/x' }, '/roleArn'],
  ] as [string, object, string][])('%s is refused before anybody is asked', async (_what, input, pointer) => {
    const asked = sts.calls.length;
    const { status, body } = await use({ keyId, roleArn: ROLE, ...input });
    expect([status, body.errors[0].pointer, sts.calls.length]).toEqual([422, pointer, asked]);
  });
});

describe('changing and leaving it', () => {
  it('an outage of the own key fails the sealing closed: nothing goes under the platform’s key', async () => {
    await trust();
    await use();
    kms.setKeyState(keyId, 'Disabled');
    const { status, body } = await owner.post('/ai-providers', {
      name: 'no',
      provider: 'openai',
      secret: SECRET,
    });
    expect([status, body.code]).toEqual([503, 'kms_unavailable']);
    expect(body.detail).toMatch(/own KMS key.*OWNER/);
    expect(await refsOf(owner)).toEqual([]);
    const other = await api.owner();
    const key = { name: 'yes', provider: 'openai', secret: SECRET };
    expect((await other.post('/ai-providers', key)).status).toBe(201);
  });

  it('another key takes over what is new; what is stored opens under the former one as long as its role lets us', async () => {
    await trust();
    await use();
    const first = await addKey('first');
    const former = keyId;
    keyId = kms.createKeyOf(ROLE);
    expect((await use()).body).toMatchObject({ key: { keyId }, former: [{ keyId: former, versions: 1 }] });
    const second = await addKey('second');
    expect([await opens(first), await opens(second)]).toEqual(Array(2).fill(`{"secret":"${SECRET}"}`));
    sts.roles.clear();
    expect(await opens(first)).toMatch(/own KMS key refused/);
  });

  it('DELETE goes back to the platform’s key for what is new, and to the own one again without asking twice for its name', async () => {
    await trust();
    await use();
    const own = await addKey('own');
    expect((await owner.delete(PATH)).status).toBe(204);
    const platform = await addKey('platform');
    expect((await refsOf(owner)).map((ref) => ref.split(':')[0])).toEqual(['own-aws', 'local']);
    expect([await opens(own), await opens(platform)]).toEqual(Array(2).fill(`{"secret":"${SECRET}"}`));
    expect((await owner.get(PATH)).body).toMatchObject({ key: null, former: [{ keyId, versions: 1 }] });
    expect((await use()).body).toMatchObject({ key: { keyId, versions: 1 }, former: [] });
  });

  it('a former key that fails its trial stays a former key: what is under it still opens', async () => {
    await trust();
    await use();
    const own = await addKey('own');
    await owner.delete(PATH);
    kms.policy = ({ operation }) => operation !== 'GenerateDataKey';
    expect((await use()).status).toBe(422);
    expect(await opens(own)).toBe(`{"secret":"${SECRET}"}`);
  });

  it('two changes at once wait for each other and leave one key in use', async () => {
    await trust();
    const keys = [keyId, kms.createKeyOf(ROLE), kms.createKeyOf(ROLE)];
    const org = [toUuid(owner.orgId)];
    const answers = await database.transaction(async (held) => {
      await held.query('SELECT 1 FROM orgs WHERE org_id = $1 FOR NO KEY UPDATE', org);
      const changes = keys.map((key) => use({ keyId: key, roleArn: ROLE }));
      const waiting = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FROM orgs%'`;
      for (let tries = 0; tries < 200; tries += 1) {
        if ((await database.query(waiting)).rowCount === keys.length) return { changes };
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      throw new Error('the changes do not wait for each other');
    });
    expect((await Promise.all(answers.changes)).map(({ status }) => status)).toEqual([200, 200, 200]);
    const { rows } = await database.query<{ state: string }>(
      'SELECT state FROM org_kms_keys WHERE org_id = $1 ORDER BY state',
      org,
    );
    expect(rows.map(({ state }) => state)).toEqual(['active', 'retired', 'retired']);
  });
});

describe('where the operator gave no AWS identity', () => {
  it('says so, names the setting, and keeps to the platform’s key', async () => {
    const plain = await startTestApi({ database: api.database, keyFiles });
    const person = await plain.owner('plain');
    expect((await person.get(PATH)).body).toMatchObject({ available: false, key: null });
    const { status, body } = await person.put(PATH, { keyId, roleArn: ROLE });
    await plain.stop();
    expect([status, body.code]).toEqual([422, 'validation_failed']);
    expect(body.detail).toContain('CLAVIGER_ORG_KMS=aws');
  });
});
