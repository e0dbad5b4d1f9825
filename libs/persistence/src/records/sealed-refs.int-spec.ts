import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newUuid, toUuid } from '#lib/kernel';
import { PgPool, sealedRefs } from '#lib/persistence';
import { makeTenant, startTestDatabase, type TestDatabase } from '#lib/testing';

describe('the master keys that stored secrets are wrapped under', () => {
  let database: TestDatabase;
  let pools: Record<'superuser' | 'owner' | 'api' | 'engine' | 'worker', PgPool>;

  beforeAll(async () => {
    database = await startTestDatabase();
    const pool = (databaseUrl: string) => new PgPool({ databaseUrl, max: 1 });
    pools = {
      superuser: pool(database.superuserUrl),
      owner: pool(database.ownerUrl),
      api: pool(database.apiUrl),
      engine: pool(database.engineUrl),
      worker: pool(database.workerUrl),
    };
    for (const [purpose, ref, shredded] of [
      ['call', 'local:call:a', false],
      ['call', 'local:call:a', false],
      ['webhook', 'local:webhook:b', false],
      ['call', 'local:call:shredded', true],
    ] as const) {
      await store(purpose, ref, shredded);
    }
  });
  afterAll(async () => {
    await Promise.all(Object.values(pools).map((pool) => pool.close()));
    await database.stop();
  });

  async function store(purpose: string, ref: string, shredded: boolean): Promise<void> {
    const org = toUuid((await makeTenant(database.superuserUrl)).orgId);
    const secret = newUuid();
    await pools.superuser.query(
      `INSERT INTO secrets (org_id, id, name, purpose, origins, mask, current_version) VALUES ($1, $2, 's', $3, '{}', '', 1)`,
      [org, secret, purpose],
    );
    const sealed = shredded ? null : Buffer.alloc(4);
    await pools.superuser.query(
      `INSERT INTO secret_versions (org_id, secret_id, version, format, kms_ref, origins, wrapped_dek, envelope, state)
       VALUES ($1, $2, 1, 1, $3, '{}', $4, $4, $5)`,
      [org, secret, ref, sealed, shredded ? 'shredded' : 'active'],
    );
  }

  it('are seen over all tenants by those who open, by purpose, and by the launcher whoever it logs in as', async () => {
    for (const role of ['engine', 'worker', 'owner', 'superuser'] as const) {
      const refs = await sealedRefs(pools[role]);
      expect(refs).toEqual(expect.arrayContaining(['local:call:a', 'local:webhook:b']));
      expect(refs).not.toContain('local:call:shredded');
      expect(await sealedRefs(pools[role], 'webhook')).toEqual(['local:webhook:b']);
    }
  });

  it('are no business of the api', async () => {
    await expect(sealedRefs(pools.api)).rejects.toThrow(/permission denied/);
  });
});
