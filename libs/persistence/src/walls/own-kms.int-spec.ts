import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ownKmsRef } from '#lib/contracts';
import { newUuid, toUuid } from '#lib/kernel';
import { OwnKmsStore, PgPool, withTenantPg } from '#lib/persistence';
import { makeTenant, startTestDatabase, type TenantFixture, type TestDatabase } from '#lib/testing';

const KEY = {
  keyArn: 'arn:aws:kms:eu-central-1:222233334444:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  roleArn: 'arn:aws:iam::222233334444:role/claviger-key',
};
const INSERT = `INSERT INTO org_kms_keys (org_id, id, kms_ref, key_arn, role_arn, external_id, state)
  VALUES ($1, $2, $3, $4, $5, $6, $7)`;

let database: TestDatabase;
let superuser: PgPool;
let pools: Record<string, PgPool>;
let ours: TenantFixture;
let theirs: TenantFixture;

beforeAll(async () => {
  database = await startTestDatabase();
  const { superuserUrl, apiUrl, engineUrl, workerUrl } = database;
  superuser = new PgPool({ databaseUrl: superuserUrl, max: 1 });
  const urls = { api: apiUrl, engine: engineUrl, worker: workerUrl };
  pools = Object.fromEntries(
    Object.entries(urls).map(([role, databaseUrl]) => [role, new PgPool({ databaseUrl, max: 2 })]),
  );
  [ours, theirs] = [await makeTenant(superuserUrl), await makeTenant(superuserUrl)];
  for (const tenant of [ours, theirs]) await insertAs('api', tenant, await externalIdOf(tenant));
});
afterAll(async () => {
  await Promise.all([superuser, ...Object.values(pools)].map((pool) => pool.close()));
  await database.stop();
});

async function externalIdOf({ orgId }: TenantFixture): Promise<string> {
  const sql = 'SELECT kms_external_id AS id FROM orgs WHERE org_id = $1';
  return (await superuser.query<{ id: string }>(sql, [toUuid(orgId)])).rows[0]!.id;
}

function as(role: string, { orgId }: TenantFixture, sql: string, values: unknown[] = []) {
  return withTenantPg(pools[role]!, orgId, (tx) => tx.query<Record<string, unknown>>(sql, values));
}

function insertAs(role: string, tenant: TenantFixture, externalId: string, key = KEY, state = 'active') {
  const { keyArn, roleArn } = key;
  const values = [toUuid(tenant.orgId), newUuid(), ownKmsRef(key), keyArn, roleArn, externalId, state];
  return as(role, tenant, INSERT, values);
}

describe('keys of organizations’ own', () => {
  it('are found by the engine and the worker inside the organization that named them, and nowhere else', async () => {
    await superuser.query(`UPDATE org_kms_keys SET state = 'retired' WHERE org_id = $1`, [
      toUuid(theirs.orgId),
    ]);
    for (const role of ['api', 'engine', 'worker']) {
      const store = new OwnKmsStore(pools[role]!);
      const mine = { ...KEY, orgId: ours.orgId, externalId: await externalIdOf(ours) };
      expect(await store.active(ours.orgId)).toEqual(mine);
      expect(await store.find(ours.orgId, ownKmsRef(KEY))).toEqual(mine);
      expect(await store.find(ours.orgId, `${ownKmsRef(KEY)}x`)).toBeNull();
      expect(await store.active(theirs.orgId)).toBeNull();
      expect((await store.find(theirs.orgId, ownKmsRef(KEY)))?.externalId).toBe(await externalIdOf(theirs));
      expect((await pools[role]!.query('SELECT 1 FROM org_kms_keys')).rowCount).toBe(0);
    }
  });

  it('can’t be written with another organization’s external id: the confused deputy is shut out here too', async () => {
    const other = { ...KEY, roleArn: `${KEY.roleArn}-2` };
    const attempt = insertAs('api', ours, await externalIdOf(theirs), other, 'pending');
    await expect(attempt).rejects.toMatchObject({ code: 'not_found' });
    await expect(insertAs('api', ours, 'chosen', other, 'pending')).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('have an external id that the database makes: nobody chooses or changes one, the owner of the tables included', async () => {
    const { rows } = await superuser.query<{ id: string }>(
      `INSERT INTO orgs (org_id, slug, name, plan, kms_external_id) VALUES ($1, 'chosen', 'Acme', 'free', 'chosen')
       RETURNING kms_external_id AS id`,
      [newUuid()],
    );
    expect(rows[0]!.id).toMatch(/^[0-9a-f]{64}$/);
    const change = 'UPDATE orgs SET kms_external_id = $1';
    await expect(superuser.query(change, ['chosen'])).rejects.toThrow(/does not change/);
    await expect(as('api', ours, change, ['chosen'])).rejects.toMatchObject({ cause: { code: '42501' } });
  });

  it('are one in use at a time', async () => {
    const other = { ...KEY, roleArn: `${KEY.roleArn}-3` };
    await expect(insertAs('api', ours, await externalIdOf(ours), other)).rejects.toThrow();
  });

  it.each([
    ['api', `UPDATE org_kms_keys SET key_arn = 'x'`],
    ['api', `UPDATE org_kms_keys SET role_arn = 'x'`],
    ['api', `UPDATE org_kms_keys SET external_id = 'x'`],
    ['engine', `UPDATE org_kms_keys SET state = 'active'`],
    ['engine', 'DELETE FROM org_kms_keys'],
    ['engine', 'SELECT created_by FROM org_kms_keys'],
    ['engine', 'SELECT kms_external_id FROM orgs'],
    ['worker', `UPDATE org_kms_keys SET state = 'active'`],
    ['worker', 'DELETE FROM org_kms_keys'],
    ['worker', 'SELECT kms_external_id FROM orgs'],
  ])('the %s may not: %s', async (role, sql) => {
    await expect(as(role, ours, sql)).rejects.toMatchObject({ cause: { code: '42501' } });
  });
});
