import { csrfTokenFor } from '#lib/access';
import { newId, opaqueToken, sha256, toUuid } from '#lib/kernel';
import type { PgPool } from '#lib/persistence';
import { Person } from './people.js';

/** Puts somebody with this role into an organization, signed in there: behind the walls, as arranging needs no argon2id. */
export async function addMember(
  db: PgPool,
  api: string,
  orgId: string,
  role: 'OWNER' | 'ADMIN' | 'MEMBER',
): Promise<{ memberId: string; person: Person }> {
  const [userId, memberId] = [newId('usr'), newId('mem')];
  const { token } = opaqueToken();
  const csrf = csrfTokenFor(token);
  await db.query(
    `WITH u AS (INSERT INTO users (id, email, name, password_hash) VALUES ($1, $2, 'Member', 'unusable') RETURNING id),
     m AS (INSERT INTO members (org_id, id, user_id, role, status) SELECT $3, $4, id, $5, 'active' FROM u RETURNING user_id)
     INSERT INTO sessions (id, user_id, token_hash, csrf_hash, active_org_id, expires_at)
     SELECT $6, user_id, $7, $8, $3, now() + interval '1 day' FROM m`,
    [
      ...[toUuid(userId), `${userId}@prove.test`, toUuid(orgId), toUuid(memberId), role],
      ...[toUuid(newId('ses')), sha256(token), sha256(csrf)],
    ],
  );
  const headers = { cookie: `claviger_session=${token}`, 'x-csrf-token': csrf };
  return { memberId, person: new Person(api, headers, orgId) };
}
