import { PgPool } from '#lib/persistence';
import { newUuid, toUuid, fromUuid } from '#lib/kernel';
import type { Person } from './person.js';
import type { TestApi } from './test-api.js';

/** Somebody with this role in the owner's organization, signed in there. Arranged behind the walls, not over the API. */
export async function addMember(
  api: TestApi,
  owner: Person,
  role: 'OWNER' | 'ADMIN' | 'MEMBER',
): Promise<Person> {
  const person = await api.owner(role.toLowerCase());
  const id = newUuid();
  await withSuperuser(api, async (pool) => {
    await pool.query(
      `INSERT INTO members (org_id, id, user_id, role, status) VALUES ($1, $2, $3, $4, 'active')`,
      [toUuid(owner.orgId), id, toUuid(person.userId), role],
    );
    await pool.query('UPDATE sessions SET active_org_id = $1 WHERE user_id = $2', [
      toUuid(owner.orgId),
      toUuid(person.userId),
    ]);
  });
  person.orgId = owner.orgId;
  person.memberId = fromUuid('mem', id);
  person.workspaceId = owner.workspaceId;
  return person;
}

/** Looks behind the walls: no row-level security, every column. */
export async function withSuperuser<T>(api: TestApi, fn: (pool: PgPool) => Promise<T>): Promise<T> {
  const pool = new PgPool({ databaseUrl: api.database.superuserUrl, max: 1 });
  try {
    return await fn(pool);
  } finally {
    await pool.close();
  }
}
