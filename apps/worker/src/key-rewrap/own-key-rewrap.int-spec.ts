import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { SecretIdentity } from '#lib/custody';
import { Opener } from '#lib/custody/opener';
import { Rewrapper } from '#lib/custody/rewrapper';
import { Sealer } from '#lib/custody/sealer';
import { ownKmsRef } from '#lib/contracts';
import { newUuid, systemClock, toUuid } from '#lib/kernel';
import { createKms, type OwnKms } from '#lib/kms';
import { OwnKmsStore, PgPool, RewrapStore } from '#lib/persistence';
import { createLogger } from '#lib/telemetry';
import {
  FakeKms,
  FakeSts,
  LocalKmsFiles,
  SealedStore,
  startTestDatabase,
  type TestDatabase,
} from '#lib/testing';
import { KeyRewrapService } from './key-rewrap.service.js';
import { OwnKeyRewrapService } from './own-key-rewrap.service.js';

process.env.AWS_ACCESS_KEY_ID = 'AKIDTEST';
process.env.AWS_SECRET_ACCESS_KEY = 'test';

const log = createLogger({ process: 'worker', level: 'silent' });
const files = new LocalKmsFiles();
let kms: FakeKms;
let sts: FakeSts;
let database: TestDatabase;
let superuser: PgPool;
let worker: PgPool;
let secrets: SealedStore;

beforeAll(async () => {
  kms = await FakeKms.start();
  sts = await FakeSts.start();
  kms.sts = sts;
  database = await startTestDatabase();
  superuser = new PgPool({ databaseUrl: database.superuserUrl, max: 1 });
  worker = new PgPool({ databaseUrl: database.workerUrl, max: 4 });
  secrets = new SealedStore(database.superuserUrl);
});
afterAll(async () => {
  await Promise.all([superuser.close(), worker.close(), secrets.close()]);
  await Promise.all([database.stop(), kms.stop(), sts.stop()]);
  files.remove();
});

const ownKms = (): OwnKms => ({
  keys: new OwnKmsStore(superuser),
  aws: { region: 'eu-central-1', stsEndpoint: sts.url, kmsEndpoint: kms.url, principals: null },
  clock: systemClock,
});
const facts = () => ({ env: 'test', ownKms: ownKms() }) as const;
const sealer = () => new Sealer(createKms(files.config(), 'seal', facts()), 'dep');
const opener = () => new Opener(createKms(files.config('call'), 'open', facts()), 'dep', systemClock, 'call');

/** What a worker has whose operator ordered a re-wrap, with the worker's own login. */
function services() {
  const keys = new OwnKmsStore(worker);
  const rewrapper = new Rewrapper(
    createKms(files.config('call'), 'rewrap', { env: 'test', ownKms: { ...ownKms(), keys } }),
    'dep',
  );
  const store = new RewrapStore(worker);
  return {
    platform: new KeyRewrapService(store, rewrapper, 'all', 'call', log),
    own: new OwnKeyRewrapService(store, rewrapper, keys, 'all', log),
  };
}

interface Org {
  orgId: string;
  roleArn: string;
  former: string;
  newer: string;
  made: SecretIdentity[];
}

/** An organization with secrets under its former own key, and a newer one in use. */
async function arrange(account: string): Promise<Org> {
  const roleArn = `arn:aws:iam::${account}:role/claviger-key`;
  const [former, newer] = [kms.createKeyOf(roleArn), kms.createKeyOf(roleArn)];
  const [{ orgId } = { orgId: '' }] = await secrets.add(sealer(), 1, 1);
  const { rows } = await superuser.query<{ id: string }>(
    'SELECT kms_external_id AS id FROM orgs WHERE org_id = $1',
    [toUuid(orgId)],
  );
  sts.addRole({ arn: roleArn, externalId: rows[0]!.id });
  const name = (keyArn: string) =>
    superuser.query(
      `INSERT INTO org_kms_keys (org_id, id, kms_ref, key_arn, role_arn, external_id, state)
       VALUES ($1, $2, $3, $4, $5, $6, 'active')`,
      [toUuid(orgId), newUuid(), ownKmsRef({ keyArn, roleArn }), keyArn, roleArn, rows[0]!.id],
    );
  await name(former);
  const made = await secrets.addTo(orgId, sealer(), 12);
  await superuser.query(`UPDATE org_kms_keys SET state = 'retired' WHERE org_id = $1`, [toUuid(orgId)]);
  await name(newer);
  return { orgId, roleArn, former, newer, made };
}

let a: Org;
let b: Org;
const countOf = async ({ roleArn }: Org, keyArn: string) =>
  (await secrets.byRef())[ownKmsRef({ keyArn, roleArn })] ?? 0;
beforeEach(async () => {
  kms.policy = () => true;
  await superuser.query('DELETE FROM secret_versions');
  [a, b] = [await arrange('222233334444'), await arrange('555566667777')];
});

describe('#24 a newer KMS key of an organization’s own', () => {
  it('takes over its data keys, as its role; the former key is then not needed', async () => {
    expect(await services().own.pass()).toBe(24);
    for (const org of [a, b]) {
      expect([await countOf(org, org.former), await countOf(org, org.newer)]).toEqual([0, 12]);
      kms.setKeyState(org.former, 'PendingDeletion');
      expect(await secrets.unreadable(opener(), org.made)).toBe(0);
    }
    expect(
      kms.calls
        .filter(({ operation }) => operation === 'ReEncrypt')
        .map(({ session }) => session?.tags['claviger-process']),
    ).toEqual(Array(24).fill('worker'));
    expect(await services().own.pass()).toBe(0);
  });

  it('is not held up by another organization whose cloud refuses', async () => {
    kms.policy = ({ operation, session }) => operation !== 'ReEncrypt' || session?.roleArn !== a.roleArn;
    const before = kms.count('ReEncrypt');
    expect(await services().own.pass()).toBe(12);
    expect(kms.count('ReEncrypt') - before).toBe(13);
    expect([await countOf(a, a.former), await countOf(b, b.newer)]).toEqual([12, 12]);
    expect(await secrets.unreadable(opener(), [...a.made, ...b.made])).toBe(0);
  });

  it('is no business of the platform’s re-wrap, which leaves what is there alone and does not count it as remaining', async () => {
    files.addPrimary('call');
    const report = await services().platform.pass();
    expect(report).toMatchObject({ rewrapped: 2, damaged: 0, remaining: [] });
    expect([await countOf(a, a.former), await countOf(b, b.former)]).toEqual([12, 12]);
  });

  it('leaves data keys where they are once the organization went back to the platform’s key', async () => {
    await superuser.query(`UPDATE org_kms_keys SET state = 'retired' WHERE org_id = $1`, [toUuid(a.orgId)]);
    expect(await services().own.pass()).toBe(12);
    expect(await countOf(a, a.former)).toBe(12);
    expect(await secrets.unreadable(opener(), a.made)).toBe(0);
  });
});
