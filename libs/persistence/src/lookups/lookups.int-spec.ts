import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { DomainEvent } from '#lib/contracts';
import { newId, sha256, toUuid } from '#lib/kernel';
import { EventListener, Lookups, PgPool, TenantDb } from '#lib/persistence';
import { makeTenant, startTestDatabase, type TenantFixture, type TestDatabase } from '#lib/testing';

let database: TestDatabase;
let root: PgPool;
let api: PgPool;
let lookups: Lookups;
let t: TenantFixture;

beforeAll(async () => {
  database = await startTestDatabase();
  root = new PgPool({ databaseUrl: database.superuserUrl, max: 2 });
  api = new PgPool({ databaseUrl: database.apiUrl });
  lookups = new Lookups(api);
});
afterAll(async () => {
  await Promise.all([root.close(), api.close()]);
  await database.stop();
});
beforeEach(async () => {
  t = await makeTenant(database.superuserUrl);
});

function newSession(userId: string, label: string, activeOrgId: string | null = null) {
  return {
    id: newId('ses'),
    userId,
    tokenHash: sha256(label, userId),
    csrfHash: sha256('csrf'),
    activeOrgId,
    ip: '::1',
    userAgent: 'test',
    expiresAt: new Date(Date.now() + 60_000),
  };
}

describe('sessions', () => {
  it('are found by their hash with user, organization and the membership as it is now', async () => {
    const session = await lookups.session(t.sessionHash);
    expect(session).toMatchObject({
      id: t.sessionId,
      csrfHash: sha256('csrf of ', t.orgId),
      user: { id: t.editorId, name: 'Editor' },
      org: { id: t.orgId, name: 'Acme', plan: 'free' },
      member: {
        id: t.editorMemberId,
        role: 'MEMBER',
        status: 'active',
        grants: [{ workspaceId: t.workspaceId, canEdit: false, canDelete: false, canExecute: true }],
      },
    });
    await root.query('DELETE FROM members WHERE id = $1', [toUuid(t.editorMemberId)]);
    expect(await lookups.session(t.sessionHash)).toMatchObject({ member: null });
  });

  it('an unknown hash and an expired session answer nothing', async () => {
    expect(await lookups.session(sha256('no such'))).toBeNull();
    await root.query(`UPDATE sessions SET expires_at = now() WHERE id = $1`, [toUuid(t.sessionId)]);
    expect(await lookups.session(t.sessionHash)).toBeNull();
    expect(await lookups.listSessions(t.editorId)).toEqual([]);
  });

  it('are listed and ended by their own user only', async () => {
    const second = newSession(t.editorId, 'second');
    await lookups.createSession(second);
    expect((await lookups.listSessions(t.editorId)).map((s) => s.id).sort()).toEqual(
      [t.sessionId, second.id].sort(),
    );
    expect(await lookups.deleteSession(t.ownerId, second.id)).toBe(false);
    expect(await lookups.deleteSession(t.editorId, second.id)).toBe(true);
    expect(await lookups.session(second.tokenHash)).toBeNull();
  });

  it('#28 that end are told to who remembers them, each organization that they worked in once', async () => {
    const listener = new EventListener({ databaseUrl: database.engineUrl });
    const heard: DomainEvent[] = [];
    listener.on((event) => heard.push(event));
    await listener.start();
    const sessions = ['a', 'b', 'c'].map((label) => newSession(t.editorId, label, t.orgId));
    for (const session of sessions) await lookups.createSession(session);
    await lookups.createSession(newSession(t.editorId, 'nowhere'));
    const told = { orgId: t.orgId, topic: 'session.ended', ids: { userId: t.editorId } };
    expect(await lookups.deleteSession(t.editorId, newId('ses'))).toBe(false);
    expect(await lookups.deleteSession(t.editorId, sessions[0]!.id)).toBe(true);
    expect(await lookups.deleteOtherSessions(t.editorId, sessions[1]!.id)).toBe(3);
    const last: DomainEvent = { orgId: t.orgId, topic: 'org.updated', ids: {} };
    await root.query(`SELECT pg_notify('claviger_events', $1)`, [JSON.stringify(last)]);
    while (heard.at(-1)?.topic !== 'org.updated') await delay(5);
    await listener.stop();
    expect(heard).toEqual([told, told, last]);
  });

  it('all others end when the password changes, or all of them', async () => {
    const [second, third] = [newSession(t.editorId, '2'), newSession(t.editorId, '3')];
    await lookups.createSession(second);
    await lookups.createSession(third);
    expect(await lookups.deleteOtherSessions(t.editorId, third.id)).toBe(2);
    expect((await lookups.listSessions(t.editorId)).map((s) => s.id)).toEqual([third.id]);
    expect(await lookups.deleteOtherSessions(t.editorId, null)).toBe(1);
  });

  it('work in an organization of their user only', async () => {
    const other = await makeTenant(database.superuserUrl);
    expect(await lookups.setActiveOrg(t.sessionId, other.orgId)).toBe(false);
    expect((await lookups.session(t.sessionHash))?.org?.id).toBe(t.orgId);
    await root.query(
      `INSERT INTO members (org_id, id, user_id, role, status) VALUES ($1, $2, $3, 'MEMBER', 'active')`,
      [toUuid(other.orgId), toUuid(newId('mem')), toUuid(t.editorId)],
    );
    expect(await lookups.setActiveOrg(t.sessionId, other.orgId)).toBe(true);
    expect((await lookups.session(t.sessionHash))?.org?.id).toBe(other.orgId);
    expect((await lookups.orgsOfUser(t.editorId)).map((org) => org.id)).toEqual([t.orgId, other.orgId]);
  });

  it('are touched at most once a minute', async () => {
    const seen = async () => (await lookups.session(t.sessionHash))!.lastSeenAt.getTime();
    const first = await seen();
    await lookups.touchSession(t.sessionId);
    expect(await seen()).toBe(first);
    await root.query(`UPDATE sessions SET last_seen_at = now() - interval '61 s' WHERE id = $1`, [
      toUuid(t.sessionId),
    ]);
    await lookups.touchSession(t.sessionId);
    expect(await seen()).toBeGreaterThanOrEqual(first);
  });
});

describe('tokens and invites', () => {
  it('a token is found by its hash with its owner as they are now', async () => {
    await root.query(`UPDATE members SET role = 'ADMIN' WHERE id = $1`, [toUuid(t.ownerMemberId)]);
    expect(await lookups.token(t.tokenHash)).toMatchObject({
      id: t.tokenId,
      kind: 'engine',
      workspaceId: null,
      revokedAt: null,
      user: { id: t.ownerId },
      org: { id: t.orgId },
      member: { id: t.ownerMemberId, role: 'ADMIN' },
    });
    expect(await lookups.token(sha256('no such'))).toBeNull();
  });

  it('a removed owner takes their tokens along', async () => {
    await root.query('DELETE FROM members WHERE id = $1', [toUuid(t.ownerMemberId)]);
    expect(await lookups.token(t.tokenHash)).toBeNull();
  });

  it('a token is touched at most once a minute', async () => {
    const used = async () => (await lookups.token(t.tokenHash))?.lastUsedAt;
    expect(await used()).toBeNull();
    await lookups.touchToken(t.orgId, t.tokenId);
    const first = await used();
    expect(first).toBeInstanceOf(Date);
    await lookups.touchToken(t.orgId, t.tokenId);
    expect(await used()).toEqual(first);
  });

  it('an invite is found by its hash, switched off or not', async () => {
    await root.query('UPDATE invites SET enabled = false WHERE org_id = $1', [toUuid(t.orgId)]);
    const invite = await lookups.invite(sha256('invite of ', t.orgId));
    expect(invite).toMatchObject({
      id: t.inviteId,
      role: 'MEMBER',
      enabled: false,
      expiresAt: null,
      org: { id: t.orgId },
    });
  });
});

describe('people', () => {
  it('an address belongs to one person, whatever its case', async () => {
    const user = { id: newId('usr'), email: `${t.orgId}@Case.Test`, name: 'A', passwordHash: 'phc' };
    expect(await lookups.createUser(user)).toBe(true);
    expect(await lookups.createUser({ ...user, id: newId('usr'), email: user.email.toUpperCase() })).toBe(
      false,
    );
    expect(await lookups.login(user.email.toUpperCase())).toMatchObject({
      userId: user.id,
      passwordHash: 'phc',
    });
    await lookups.setPassword(user.id, 'new');
    expect(await lookups.passwordHash(user.id)).toBe('new');
    expect(await lookups.login('nobody@test.test')).toBeNull();
  });

  it('a person made in a transaction that fails was never there', async () => {
    const db = new TenantDb({ databaseUrl: database.apiUrl, max: 2 });
    const user = { id: newId('usr'), email: `${t.ownerId}.2@test.test`, name: 'A', passwordHash: 'phc' };
    const failing = db.withOrg(t.orgId, async (tx) => {
      expect(await lookups.createUser(user, tx)).toBe(true);
      throw new Error('taken back');
    });
    await expect(failing).rejects.toThrow('taken back');
    expect(await lookups.login(user.email)).toBeNull();
    await db.close();
  });
});

describe('throttling', () => {
  it('counts every attempt of a window once, however many come at the same moment', async () => {
    const bucket = `login:${t.orgId}`;
    const counts = await Promise.all(Array.from({ length: 12 }, () => lookups.authThrottleHit(bucket, 900)));
    expect(Math.max(...counts)).toBe(12);
    await root.query(
      `UPDATE auth_throttle SET window_start = window_start - interval '16 min' WHERE bucket = $1`,
      [bucket],
    );
    expect(await lookups.authThrottleHit(bucket, 900)).toBe(1);
    await lookups.authThrottleClear(bucket);
    expect(await lookups.authThrottleHit(bucket, 900)).toBe(1);
  });
});
