import { Injectable } from '@nestjs/common';
import type { DomainEvent } from '#lib/contracts';
import { fromUuid, toUuid } from '#lib/kernel';
import { mapDatabaseError } from '../errors/map-database-error.js';
import { EVENT_CHANNEL } from '../records/append-outbox.js';
import { PgPool } from '../pg/pg-pool.js';
import type { TenantTx } from '../tenant/tenant-db.js';
import {
  inviteOf,
  listedSessionOf,
  orgOf,
  sessionOf,
  tokenOf,
  type InviteJson,
  type SessionJson,
  type SessionListJson,
  type TokenJson,
} from './decode.js';
import type {
  InviteRow,
  LoginRow,
  NewSession,
  NewUser,
  SessionListRow,
  SessionRow,
  TokenRow,
  UserOrgRow,
} from './rows.js';

/** What must be known before the tenant is: SECURITY DEFINER functions, each granted to the roles that need it. */
@Injectable()
export class Lookups {
  constructor(private readonly pool: PgPool) {}

  /** The live session whose token has this SHA-256; null when there is none or it has expired. */
  async session(tokenHash: Buffer): Promise<SessionRow | null> {
    const json = await this.#one<SessionJson>('SELECT lookup.session($1) AS value', [tokenHash]);
    return json && sessionOf(json);
  }

  /** The bearer token with this SHA-256, revoked and expired ones included. */
  async token(tokenHash: Buffer): Promise<TokenRow | null> {
    const json = await this.#one<TokenJson>('SELECT lookup.token($1) AS value', [tokenHash]);
    return json && tokenOf(json);
  }

  /** Who logs in with this address (any case). */
  async login(email: string): Promise<LoginRow | null> {
    const row = await this.#one<LoginRow>('SELECT lookup.login($1) AS value', [email]);
    return row && { ...row, userId: fromUuid('usr', row.userId) };
  }

  async passwordHash(userId: string): Promise<string | null> {
    return this.#one<string>('SELECT lookup.password_hash($1) AS value', [toUuid(userId)]);
  }

  /** Adds a person; false when the address is taken. With `tx` it happens in that transaction. */
  async createUser(user: NewUser, tx?: TenantTx): Promise<boolean> {
    const { email, name, passwordHash } = user;
    if (!tx) {
      const values = [toUuid(user.id), email, name, passwordHash];
      return (
        (await this.#one<boolean>('SELECT lookup.create_user($1, $2, $3, $4) AS value', values)) === true
      );
    }
    const rows = await tx.$queryRaw<{ made: boolean }[]>`
      SELECT lookup.create_user(${toUuid(user.id)}::uuid, ${email}, ${name}, ${passwordHash}) AS made`;
    return rows[0]?.made === true;
  }

  async setPassword(userId: string, passwordHash: string): Promise<void> {
    await this.#one('SELECT lookup.set_password($1, $2) AS value', [toUuid(userId), passwordHash]);
  }

  async createSession(session: NewSession): Promise<void> {
    await this.#one('SELECT lookup.create_session($1, $2, $3, $4, $5, $6, $7, $8) AS value', [
      toUuid(session.id),
      toUuid(session.userId),
      session.tokenHash,
      session.csrfHash,
      session.activeOrgId && toUuid(session.activeOrgId),
      session.ip,
      session.userAgent,
      session.expiresAt,
    ]);
  }

  async listSessions(userId: string): Promise<SessionListRow[]> {
    const sql = 'SELECT lookup.list_sessions($1) AS value';
    return ((await this.#one<SessionListJson[]>(sql, [toUuid(userId)])) ?? []).map(listedSessionOf);
  }

  /** Ends one session of this user; false when the user has no such session. Engines are notified when it is committed. */
  async deleteSession(userId: string, sessionId: string): Promise<boolean> {
    return (await this.#endSessions(userId, sessionId, null)) === 1;
  }

  /** Ends all sessions of a user but `keepSessionId` (null: all of them), and notifies. Answers how many ended. */
  async deleteOtherSessions(userId: string, keepSessionId: string | null): Promise<number> {
    return this.#endSessions(userId, null, keepSessionId);
  }

  /** Lets the session work in another organization; false unless its user is a member there. */
  async setActiveOrg(sessionId: string, orgId: string): Promise<boolean> {
    const values = [toUuid(sessionId), toUuid(orgId)];
    return (await this.#one<boolean>('SELECT lookup.set_active_org($1, $2) AS value', values)) === true;
  }

  /** The organizations of a user, oldest membership first, pending ones included. */
  async orgsOfUser(userId: string): Promise<UserOrgRow[]> {
    const sql = 'SELECT lookup.orgs_of_user($1) AS value';
    const rows = (await this.#one<UserOrgRow[]>(sql, [toUuid(userId)])) ?? [];
    return rows.map((row) => ({ ...orgOf(row), memberId: fromUuid('mem', row.memberId) }));
  }

  /** The invite whose token has this SHA-256, switched-off and expired ones included. */
  async invite(tokenHash: Buffer): Promise<InviteRow | null> {
    const json = await this.#one<InviteJson>('SELECT lookup.invite($1) AS value', [tokenHash]);
    return json && inviteOf(json);
  }

  /** Counts an attempt; answers how many were made in the last `windowSeconds`, this one included. */
  async authThrottleHit(bucket: string, windowSeconds: number): Promise<number> {
    const sql = 'SELECT lookup.auth_throttle_hit($1, $2) AS value';
    return (await this.#one<number>(sql, [bucket, windowSeconds])) ?? 0;
  }

  /** Forgets the attempts of a bucket, e.g. after the right password. */
  async authThrottleClear(bucket: string): Promise<void> {
    await this.#one('SELECT lookup.auth_throttle_clear($1) AS value', [bucket]);
  }

  /** Takes one attempt back that turned out to be none. */
  async authThrottleTakeBack(bucket: string): Promise<void> {
    await this.#one('SELECT lookup.auth_throttle_take_back($1) AS value', [bucket]);
  }

  /** Notes that a session was used, at most once a minute. */
  async touchSession(sessionId: string): Promise<void> {
    await this.#one('SELECT lookup.touch_session($1) AS value', [toUuid(sessionId)]);
  }

  /** Notes that a token was used, at most once a minute. */
  async touchToken(orgId: string, tokenId: string): Promise<void> {
    await this.#one('SELECT lookup.touch_token($1, $2) AS value', [toUuid(orgId), toUuid(tokenId)]);
  }

  /** Sessions are remembered under the organization that they work in, so each of those is told. */
  async #endSessions(userId: string, only: string | null, keep: string | null): Promise<number> {
    const values = [userId, only, keep].map((id) => id && toUuid(id));
    const end = 'SELECT org_id FROM lookup.end_sessions($1, $2, $3)';
    try {
      return await this.pool.transaction(async (client) => {
        const { rows } = await client.query<{ org_id: string | null }>(end, values);
        for (const org of new Set(rows.map((row) => row.org_id))) {
          if (org === null) continue;
          const event: DomainEvent = { orgId: fromUuid('org', org), topic: 'session.ended', ids: { userId } };
          await client.query('SELECT pg_notify($1, $2)', [EVENT_CHANNEL, JSON.stringify(event)]);
        }
        return rows.length;
      });
    } catch (error) {
      throw mapDatabaseError(error);
    }
  }

  async #one<T>(sql: string, values: unknown[]): Promise<T | null> {
    try {
      const { rows } = await this.pool.query<{ value: T | null }>(sql, values);
      return rows[0]?.value ?? null;
    } catch (error) {
      throw mapDatabaseError(error);
    }
  }
}
