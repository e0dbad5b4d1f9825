import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { WorkerConfig } from '#lib/config';
import { toUuid } from '#lib/kernel';
import { appendOutboxPg, CheckpointStore, PgPool, RestoreWatch, withTenantPg } from '#lib/persistence';
import type { JobQueue } from '#lib/queue';
import { makeTenant, startTestDatabase, type TenantFixture, type TestDatabase } from '#lib/testing';
import { createApp } from './create-app.js';
import { SHREDDING_QUEUE } from './queues.module.js';

describe('the worker over a restored old copy', () => {
  let database: TestDatabase;
  let tenant: TenantFixture;
  let db: PgPool;
  let app: NestFastifyApplication;

  beforeAll(async () => {
    database = await startTestDatabase();
    db = new PgPool({ databaseUrl: database.superuserUrl, max: 2 });
    tenant = await makeTenant(database.superuserUrl);
    await addDrained(2);
    await db.query(`SELECT lookup.note_restore('old_copy', 5)`);
    app = await createApp(config(database.workerUrl));
    await app.listen(0, '127.0.0.1');
  });
  afterAll(async () => {
    await app.close();
    await db.close();
    await database.stop();
  });

  it('#25 destroys nothing, relays nothing and adds nothing up, before and after it was told; it stays ready', async () => {
    await addEvent();
    const queue = app.get<JobQueue<'shredding'>>(SHREDDING_QUEUE);
    await queue.add({ orgId: tenant.orgId, secretId: tenant.secretId, version: 2 });
    // Longer than relay and retention take, which run at once and every second.
    await delay(3_000);
    expect(await states()).toEqual({ 2: 'draining' });
    expect(await unpublished()).toBe(1);
    // It waits: one that was taken and refused would be given up after five tries.
    expect(await queue.counts()).toMatchObject({ waiting: 1, delayed: 0, failed: 0 });
    expect((await app.inject({ method: 'GET', url: '/readyz' })).statusCode).toBe(200);
  });

  it('takes up what waited once an operator has acknowledged it', async () => {
    await new CheckpointStore(db).acknowledgeRestore(5, 'disk lost');
    await until(async () => (await states())[2] === 'shredded');
    await until(async () => (await unpublished()) === 0);
  });

  it('stops in the middle of its work, too', async () => {
    await db.query(`SELECT lookup.note_restore('old_copy', 50)`);
    await app.get(RestoreWatch).compare();
    await addEvent();
    await delay(3_000);
    expect(await unpublished()).toBe(1);
    await new CheckpointStore(db).acknowledgeRestore(50, 'disk lost again');
    await until(async () => (await unpublished()) === 0);
  });

  async function addDrained(version: number): Promise<void> {
    await db.query(
      `INSERT INTO secret_versions
         (org_id, secret_id, version, format, kms_ref, origins, wrapped_dek, envelope, state, retired_at)
       VALUES ($1, $2, $3, 1, 'local:1', '{}', 'wrapped', 'sealed', 'draining', now() - interval '20 minutes')`,
      [toUuid(tenant.orgId), toUuid(tenant.secretId), version],
    );
  }

  async function addEvent(): Promise<void> {
    const ids = { secretId: tenant.secretId, version: 9 };
    await withTenantPg(db, tenant.orgId, (tx) =>
      appendOutboxPg(tx, { orgId: tenant.orgId, topic: 'secret-version.retired', ids }),
    );
  }

  async function states(): Promise<Record<number, string>> {
    const { rows } = await db.query<{ version: number; state: string }>(
      `SELECT version, state FROM secret_versions WHERE secret_id = $1 AND version > 1`,
      [toUuid(tenant.secretId)],
    );
    return Object.fromEntries(rows.map(({ version, state }) => [version, state]));
  }

  async function unpublished(): Promise<number> {
    const { rows } = await db.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM outbox_events WHERE published_at IS NULL',
    );
    return rows[0]?.n ?? -1;
  }
});

function config(databaseUrl: string): WorkerConfig {
  return {
    ...{ env: 'test', logLevel: 'silent', host: '127.0.0.1', port: 0, metricsPort: null },
    ...{ databaseUrl, redisUrl: null, deployment: 'test', trustedProxies: [], warnings: [] },
    ...{
      rewrap: null,
      webhooks: null,
      checkpoints: null,
      usage: { receiptDays: null, minuteDays: 30, runDays: null },
    },
  };
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('did not happen within 30 s');
    await delay(50);
  }
}
