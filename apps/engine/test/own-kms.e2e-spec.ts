import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { signTicket } from '#lib/access';
import { OWN_KMS_ACTION, type OwnKmsTicket } from '#lib/contracts';
import { Sealer } from '#lib/custody/sealer';
import { systemClock, toUuid } from '#lib/kernel';
import { createKms } from '#lib/kms';
import { OwnKmsStore } from '#lib/persistence';
import { FakeKms, FakeSts, LocalKmsFiles } from '#lib/testing';
import { ownTenant, type OwnTenant } from './support/own-tenant.js';
import { run, startStage, type Stage } from './support/stage.js';
import { DEPLOYMENT, type Person, type Tenant } from './support/tenants.js';

process.env.AWS_ACCESS_KEY_ID = 'AKIDENGINE';
process.env.AWS_SECRET_ACCESS_KEY = 'test';

const MODEL = 'gpt-4.1-mini';
let kms: FakeKms;
let sts: FakeSts;
let stage: Stage;

beforeAll(async () => {
  kms = await FakeKms.start();
  sts = await FakeSts.start();
  kms.sts = sts;
  const endpoints = { stsEndpoint: sts.url, kmsEndpoint: kms.url };
  stage = await startStage({ orgKms: { region: 'eu-central-1', ...endpoints, principals: null } });
});
afterAll(async () => {
  await stage?.stop();
  await Promise.all([kms.stop(), sts.stop()]);
});
beforeEach(() => {
  stage.upstream.reset();
  kms.keyFaults.clear();
  kms.policy = () => true;
});

const key = (tenant: Tenant) =>
  stage.tenants.key(tenant, {
    provider: 'openai',
    secret: `sk-of-${tenant.orgId}`,
    baseUrl: stage.upstream.baseUrls.openai,
  });
const call = (tenant: Tenant) => run(stage, tenant, { model: MODEL, prompt: 'Say hello.' });

describe('calls of an organization with a KMS key of its own', () => {
  it('open their provider key through the organization’s role, and others keep to the platform’s key', async () => {
    const [own, other] = [await ownTenant(stage, kms, sts), await stage.tenants.create()];
    await key(own);
    await key(other);
    const from = kms.calls.length;
    expect([(await call(own)).status, (await call(other)).status]).toEqual([200, 200]);
    expect(
      kms.calls.slice(from).map(({ operation, session, context }) => [operation, session?.tags, context.org]),
    ).toEqual([['Decrypt', { 'claviger-org': own.orgId, 'claviger-process': 'engine' }, own.orgId]]);
    expect(stage.upstream.requests.map(({ headers }) => headers['authorization'])).toEqual([
      `Bearer sk-of-${own.orgId}`,
      `Bearer sk-of-${other.orgId}`,
    ]);
  });

  it.each([
    ['its key is disabled', { type: 'DisabledException' }, /own KMS key refused.*OWNER/],
    ['its key policy refuses', { type: 'AccessDeniedException' }, /own KMS key refused.*OWNER/],
    ['its key does not answer', 'hang', /own KMS key.*does not answer.*OWNER/],
  ] as const)(
    'fail within 2 s when %s, nothing is sent, and another organization’s calls go on meanwhile',
    async (_why, fault, detail) => {
      const [down, up] = [await ownTenant(stage, kms, sts), await ownTenant(stage, kms, sts)];
      await key(down);
      await key(up);
      kms.keyFaults.set(down.keyArn, fault);
      const started = performance.now();
      const failing = call(down).then((answer) => ({ answer, ms: performance.now() - started }));
      const meanwhile = await Promise.all(Array.from({ length: 5 }, () => call(up)));
      expect(meanwhile.map(({ status }) => status)).toEqual(Array(5).fill(200));
      const { answer, ms } = await failing;
      expect([answer.status, answer.body.code]).toEqual([503, 'kms_unavailable']);
      expect(answer.body.detail).toMatch(detail);
      expect(ms).toBeLessThan(2_500);
      const sent = stage.upstream.requests.map(({ headers }) => headers['authorization']);
      expect(new Set(sent)).toEqual(new Set([`Bearer sk-of-${up.orgId}`]));
    },
  );

  it('are not opened by a row that another organization’s was copied from', async () => {
    const [victim, thief] = [await ownTenant(stage, kms, sts), await ownTenant(stage, kms, sts)];
    const stolen = await key(victim);
    const mine = await key(thief);
    await stage.db.query(
      `UPDATE secret_versions v SET kms_ref = s.kms_ref, wrapped_dek = s.wrapped_dek, envelope = s.envelope
       FROM secret_versions s
       WHERE s.secret_id = (SELECT secret_id FROM provider_keys WHERE id = $1)
         AND v.secret_id = (SELECT secret_id FROM provider_keys WHERE id = $2)`,
      [toUuid(stolen), toUuid(mine)],
    );
    const assumed = sts.calls.length;
    const { status, body } = await call(thief);
    expect([status, body.code]).toEqual([503, 'kms_unavailable']);
    expect(sts.calls.slice(assumed)).toEqual([]);
    expect(stage.upstream.requests).toEqual([]);
  });
});

describe('the control plane’s question whether the engine can open', () => {
  /** What the api makes for the question. */
  async function probeOf({ orgId, kmsRef }: OwnTenant): Promise<string> {
    const files = new LocalKmsFiles();
    const ownKms = { keys: new OwnKmsStore(stage.db), aws: stage.config.orgKms, clock: systemClock };
    const sealer = new Sealer(createKms(files.config(), 'seal', { env: 'test', ownKms }), DEPLOYMENT);
    const wrapped = await sealer.probe(orgId, kmsRef);
    files.remove();
    return wrapped.toString('base64');
  }

  async function ask(ticket: Omit<OwnKmsTicket, 'expiresAt' | 'action'>, path: string = OWN_KMS_ACTION) {
    const expiresAt = Math.floor(Date.now() / 1_000) + 30;
    const signed = signTicket({ ...ticket, action: OWN_KMS_ACTION, expiresAt }, stage.ticketPrivateKeyPem);
    const response = await fetch(`${stage.url}/internal/v1/key-actions/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${signed}` },
    });
    const body = (await response.json()) as { ok?: boolean; said?: string; code?: string };
    return { status: response.status, body };
  }

  const from = ({ orgId, kmsRef }: OwnTenant, { userId }: Person, probe: string) => ({
    orgId,
    kmsRef,
    userId,
    probe,
  });

  it('is answered yes, or with what the cloud said', async () => {
    const own = await ownTenant(stage, kms, sts);
    const probe = await probeOf(own);
    expect(await ask(from(own, own.owner, probe))).toEqual({ status: 200, body: { ok: true } });
    kms.policy = ({ operation }) => operation !== 'Decrypt';
    const { body } = await ask(from(own, own.owner, probe));
    expect(body).toEqual({
      ok: false,
      said: expect.stringMatching(/Decrypt: AccessDeniedException.*kms:Decrypt/),
    });
  });

  it('opens probes and nothing else: the wrapped key of a stored secret is refused', async () => {
    const own = await ownTenant(stage, kms, sts);
    const id = await key(own);
    const sql = `SELECT wrapped_dek AS dek FROM secret_versions WHERE secret_id = (SELECT secret_id FROM provider_keys WHERE id = $1)`;
    const { dek } = (await stage.db.query<{ dek: Buffer }>(sql, [toUuid(id)])).rows[0]!;
    const { body } = await ask(from(own, own.owner, dek.toString('base64')));
    expect(body).toMatchObject({ ok: false, said: expect.stringContaining('InvalidCiphertextException') });
  });

  it('is only answered to who may change the key, and a ticket for it is good for nothing else', async () => {
    const own = await ownTenant(stage, kms, sts);
    const probe = await probeOf(own);
    for (const role of ['ADMIN', 'MEMBER'] as const) {
      const person = await stage.tenants.person(own.orgId, role);
      expect((await ask(from(own, person, probe))).status).toBe(403);
    }
    const stranger = await ownTenant(stage, kms, sts);
    expect((await ask(from(own, stranger.owner, probe))).status).toBe(403);
    for (const path of ['test', 'list-models'])
      expect((await ask(from(own, own.owner, probe), path)).status).toBe(401);
  });
});
