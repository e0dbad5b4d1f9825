import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { DomainEvent } from '#lib/contracts';
import {
  appendOutbox,
  appendOutboxPg,
  EventListener,
  PgPool,
  TenantDb,
  withTenantPg,
} from '#lib/persistence';
import { makeTenant, startTestDatabase, type TenantFixture, type TestDatabase } from '#lib/testing';

let database: TestDatabase;
let root: PgPool;
let api: PgPool;
let t: TenantFixture;
let listener: EventListener;
let heard: DomainEvent[];
let gaps: number;

beforeAll(async () => {
  database = await startTestDatabase();
  root = new PgPool({ databaseUrl: database.superuserUrl, max: 2 });
  api = new PgPool({ databaseUrl: database.apiUrl });
  t = await makeTenant(database.superuserUrl);
});
afterAll(async () => {
  await Promise.all([root.close(), api.close()]);
  await database.stop();
});
beforeEach(async () => {
  heard = [];
  gaps = 0;
  listener = new EventListener({ databaseUrl: database.engineUrl });
  listener.on((event) => heard.push(event));
  listener.onGap(() => (gaps += 1));
  await listener.start();
});
afterEach(() => listener.stop());

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition() && waited < 10_000; waited += 5) await delay(5);
  expect(condition()).toBe(true);
}

const event = (name: string): DomainEvent => ({
  orgId: t.orgId,
  topic: 'provider-key.updated',
  ids: { aiProviderId: t.aiProviderId, name },
});
const publish = (name: string) => withTenantPg(api, t.orgId, (tx) => appendOutboxPg(tx, event(name)));

/** What the server does to a connection when it restarts, or a firewall when it forgets one. */
const cut = () =>
  root.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'claviger-events'`,
  );

describe('the listener', () => {
  it('hears what the control plane and plain SQL commit, as ids only', async () => {
    const db = new TenantDb({ databaseUrl: database.apiUrl, max: 1 });
    await db.withOrg(t.orgId, (tx) => appendOutbox(tx, event('a')));
    await publish('b');
    await until(() => heard.length === 2);
    expect(heard).toEqual([event('a'), event('b')]);
    await db.close();
  });

  it('hears nothing of what is taken back, and nothing before the commit', async () => {
    const failing = withTenantPg(api, t.orgId, async (tx) => {
      await appendOutboxPg(tx, event('never'));
      await delay(50);
      expect(heard).toEqual([]);
      throw new Error('taken back');
    });
    await expect(failing).rejects.toThrow('taken back');
    await publish('after');
    await until(() => heard.length > 0);
    expect(heard).toEqual([event('after')]);
  });

  it('connects again by itself after it was cut off, and says that something may have been missed', async () => {
    await cut();
    await until(() => gaps === 1 && listener.connected);
    await publish('later');
    await until(() => heard.length === 1);
  });

  it('a handler that was taken away, and a stopped listener, hear nothing more', async () => {
    const others: DomainEvent[] = [];
    const off = listener.on((one) => others.push(one));
    off();
    await publish('a');
    await until(() => heard.length === 1);
    expect(others).toEqual([]);
    await listener.stop();
    await publish('b');
    await delay(100);
    expect(heard).toHaveLength(1);
    expect(listener.connected).toBe(false);
  });

  it('goes on trying when the database is away at the start', async () => {
    const troubles: unknown[] = [];
    const lost = new EventListener({
      databaseUrl: 'postgresql://x:x@127.0.0.1:1/x',
      onTrouble: (error) => troubles.push(error),
    });
    await lost.start();
    await until(() => troubles.length >= 2);
    expect(lost.connected).toBe(false);
    await lost.stop();
  });
});
