import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AuditEntry } from '#lib/contracts';
import { newId, toUuid } from '#lib/kernel';
import {
  appendAudit,
  appendAuditPg,
  PgPool,
  TenantDb,
  verifyAuditChain,
  withTenantPg,
} from '#lib/persistence';
import { makeTenant, startTestDatabase, type TestDatabase } from '#lib/testing';

let database: TestDatabase;
let root: PgPool;
let api: PgPool;
let db: TenantDb;
let orgId: string;

beforeAll(async () => {
  database = await startTestDatabase();
  root = new PgPool({ databaseUrl: database.superuserUrl, max: 2 });
  api = new PgPool({ databaseUrl: database.apiUrl });
  db = new TenantDb({ databaseUrl: database.apiUrl });
});
afterAll(async () => {
  await Promise.all([root.close(), api.close(), db.close()]);
  await database.stop();
});
beforeEach(async () => {
  ({ orgId } = await makeTenant(database.superuserUrl));
});

function entry(change: Record<string, unknown> = {}, ip: string | null = null): AuditEntry {
  return {
    orgId,
    actor: 'system',
    action: 'test:Change',
    target: orgId,
    requestId: newId('req'),
    ip,
    change,
  };
}

async function append(count: number): Promise<void> {
  await withTenantPg(api, orgId, async (tx) => {
    for (let i = 1; i <= count; i += 1) await appendAuditPg(tx, entry({ i }));
  });
}

/** What only somebody with the superuser's login and the trigger out of the way can do. */
async function tamper(sql: string): Promise<void> {
  await root.transaction(async (client) => {
    await client.query('SET LOCAL session_replication_role = replica');
    await client.query(sql, [toUuid(orgId)]);
  });
}

describe('#54 the audit chain', () => {
  it('holds over both writers, unusual characters, nulls and pages', async () => {
    await db.withOrg(orgId, (tx) =>
      appendAudit(tx, entry({ name: 'Größe "ü" \u{1f511} \n', list: [1.5, null] }, '::1')),
    );
    await append(1_003);
    const verdict = await verifyAuditChain(api, orgId);
    expect(verdict).toMatchObject({ ok: true, head: { seq: 1_004 } });
  });

  it('numbers without a gap when many processes append at once', async () => {
    await Promise.all(
      Array.from({ length: 25 }, () => withTenantPg(api, orgId, (tx) => appendAuditPg(tx, entry()))),
    );
    expect(await verifyAuditChain(api, orgId)).toMatchObject({ ok: true, head: { seq: 25 } });
  });

  it('leaves no number behind when the change is taken back', async () => {
    await append(1);
    const failing = withTenantPg(api, orgId, async (tx) => {
      await appendAuditPg(tx, entry());
      throw new Error('taken back');
    });
    await expect(failing).rejects.toThrow('taken back');
    await append(1);
    expect(await verifyAuditChain(api, orgId)).toMatchObject({ ok: true, head: { seq: 2 } });
  });

  it.each([
    ['an edited actor', `UPDATE audit_events SET actor = 'usr_x' WHERE org_id = $1 AND seq = 3`, 3],
    ['an edited change', `UPDATE audit_events SET change = '{"i": 33}' WHERE org_id = $1 AND seq = 3`, 3],
    ['an empty ip in the place of none', `UPDATE audit_events SET ip = '' WHERE org_id = $1 AND seq = 2`, 2],
    ['a moved time', `UPDATE audit_events SET at = at + interval '1 us' WHERE org_id = $1 AND seq = 4`, 4],
    ['a removed event', 'DELETE FROM audit_events WHERE org_id = $1 AND seq = 2', 2],
    ['a removed first event', 'DELETE FROM audit_events WHERE org_id = $1 AND seq = 1', 1],
    ['a cut tail', 'DELETE FROM audit_events WHERE org_id = $1 AND seq >= 4', 4],
    ['a removed log', 'DELETE FROM audit_events WHERE org_id = $1', 1],
    [
      'two swapped events',
      `UPDATE audit_events a SET (actor, change, id) = (SELECT b.actor, b.change, b.id FROM audit_events b
         WHERE b.org_id = $1 AND b.seq = 5 - a.seq) WHERE a.org_id = $1 AND a.seq IN (2, 3)`,
      2,
    ],
  ])('names the first bad number: %s', async (_name, sql, firstBadSeq) => {
    await append(5);
    expect(await verifyAuditChain(api, orgId)).toMatchObject({ ok: true });
    await tamper(sql);
    expect(await verifyAuditChain(api, orgId)).toMatchObject({ ok: false, firstBadSeq });
  });

  it('finds a cut tail whose head was moved back, against a checkpoint kept elsewhere', async () => {
    await append(5);
    const before = await verifyAuditChain(api, orgId);
    const checkpoints = before.ok ? [before.head] : [];
    await tamper('DELETE FROM audit_events WHERE org_id = $1 AND seq = 5');
    await tamper(`UPDATE audit_heads h SET seq = 4, hash = (SELECT hash FROM audit_events e
      WHERE e.org_id = h.org_id AND e.seq = 4) WHERE h.org_id = $1`);
    expect(await verifyAuditChain(api, orgId)).toMatchObject({ ok: true, head: { seq: 4 } });
    expect(await verifyAuditChain(api, orgId, checkpoints)).toMatchObject({ ok: false, firstBadSeq: 5 });
  });

  it('finds a chain that was written anew, against a checkpoint kept elsewhere', async () => {
    await append(3);
    const before = await verifyAuditChain(api, orgId);
    await tamper('DELETE FROM audit_events WHERE org_id = $1');
    await tamper('DELETE FROM audit_heads WHERE org_id = $1');
    await append(3);
    expect(await verifyAuditChain(api, orgId)).toMatchObject({ ok: true });
    expect(await verifyAuditChain(api, orgId, before.ok ? [before.head] : [])).toMatchObject({
      ok: false,
      firstBadSeq: 3,
    });
  });

  it('cannot be written outside of a tenant', async () => {
    const sql = `SELECT lookup.audit_append(gen_random_uuid(), 'a', 'b', 'c', 'd', NULL, '{}')`;
    await expect(api.query(sql)).rejects.toMatchObject({ code: '42501' });
  });
});
