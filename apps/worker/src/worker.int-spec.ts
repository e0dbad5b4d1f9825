import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { WorkerConfig } from '#lib/config';
import { newUuid, toUuid } from '#lib/kernel';
import { appendOutboxPg, PgPool, withTenantPg, WorkerStore } from '#lib/persistence';
import type { JobQueue } from '#lib/queue';
import {
  makeTenant,
  samplesOf,
  startTestDatabase,
  type TenantFixture,
  type TestDatabase,
} from '#lib/testing';
import { createApp } from './create-app.js';
import { OutboxRelayProcessor } from './outbox-relay/outbox-relay.processor.js';
import { SHREDDING_QUEUE } from './queues.module.js';

describe('worker', () => {
  let database: TestDatabase;
  let tenant: TenantFixture;
  let superuser: PgPool;
  let app: NestFastifyApplication;

  beforeAll(async () => {
    database = await startTestDatabase();
    superuser = new PgPool({ databaseUrl: database.superuserUrl, max: 2 });
    tenant = await makeTenant(database.superuserUrl);
    await addVersion(2, '20 minutes');
    await addVersion(3, '1 minute');
    await addReceipts(3);
    app = await createApp(config(database.workerUrl));
    await app.listen(0, '127.0.0.1');
  });
  afterAll(async () => {
    await app.close();
    await superuser.close();
    await database.stop();
  });

  it('#25 erases a replaced version whose overlap is over, with an audit row, and lets a younger one drain', async () => {
    await until(async () => (await versionState(2)).state === 'shredded');
    expect(await versionState(2)).toEqual({ state: 'shredded', envelope: null, wrapped_dek: null });
    expect(await versionState(3)).toMatchObject({ state: 'draining', envelope: expect.any(Buffer) });
    const { rows } = await superuser.query<{ change: object }>(
      `SELECT change FROM audit_events WHERE action = 'secrets:ShredVersion'`,
    );
    expect(rows).toEqual([{ change: { version: 2, state: ['draining', 'shredded'] } }]);
  });

  it('publishes a committed event once, as a job that waits out the overlap', async () => {
    const pool = new PgPool({ databaseUrl: database.engineUrl, max: 1 });
    const ids = { secretId: tenant.secretId, version: 3 };
    await withTenantPg(pool, tenant.orgId, (tx) =>
      appendOutboxPg(tx, { orgId: tenant.orgId, topic: 'secret-version.retired', ids }),
    );
    await pool.close();
    await until(async () => (await unpublished()) === 0);
    const queue = app.get<JobQueue<'shredding'>>(SHREDDING_QUEUE);
    expect(await queue.counts()).toMatchObject({ delayed: 1, waiting: 0, failed: 0 });
    expect(await versionState(3)).toMatchObject({ state: 'draining' });
  });

  it('publishes the others when one event cannot be: that one is put off, longer each time, and counted', async () => {
    const insert = `INSERT INTO outbox_events (org_id, id, topic, ids) VALUES ($1, $2, $3, $4)`;
    const [bad, good] = [newUuid(), newUuid()];
    const ids = { run: newUuid(), workspace: 'of no workspace', type: 'run.finished' };
    await superuser.query(insert, [toUuid(tenant.orgId), bad, 'run.ended', JSON.stringify(ids)]);
    await superuser.query(insert, [toUuid(tenant.orgId), good, 'org.created', '{}']);
    const event = async (id: string) =>
      (
        await superuser.query<{ published: boolean; attempts: number; put_off: number }>(
          `SELECT published_at IS NOT NULL AS published, attempts,
             extract(epoch FROM not_before - created_at)::float8 AS put_off FROM outbox_events WHERE id = $1`,
          [id],
        )
      ).rows[0]!;
    await until(async () => (await event(good)).published && (await event(bad)).attempts >= 2);
    const { published, put_off: putOff } = await event(bad);
    expect([published, putOff > 2]).toEqual([false, true]);
    expect(await app.get(WorkerStore).failingEvents()).toBe(1);
    expect(await app.get(WorkerStore).oldestUnpublished()).not.toBeNull();
    await superuser.query('DELETE FROM outbox_events WHERE id = $1', [bad]);
  });

  it('#52 adds the receipts of the day up by key, workspace and model', async () => {
    await until(async () => (await daily()).length === 1);
    expect(await daily()).toEqual([
      { calls: '3', input_tokens: '30', output_tokens: '15', cost_micro_usd: '300' },
    ]);
  });

  it('#9 signs the heads of the audit chains on its timer', async () => {
    const signed = () =>
      superuser.query('SELECT 1 FROM audit_checkpoints c JOIN audit_heads USING (org_id, seq)');
    await until(async () => (await signed()).rows.length > 0);
  });

  it('is ready only while its database answers', async () => {
    const answer = await app.inject({ method: 'GET', url: '/readyz' });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ status: 'ok', checks: { database: 'ok', schema: 'ok' } });
  });

  it('serves its metrics on its own port: what waits in queues and in the outbox, and no id of anybody', async () => {
    const scrape = async () => {
      const answer = await fetch(`${await app.getUrl()}/metrics`);
      expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
      return answer.text();
    };
    const text = await scrape();
    const samples = samplesOf(text);
    for (const queue of ['shredding', 'usage-rollup', 'retention', 'audit-checkpoints'])
      expect(samples).toContain(`claviger_queue_jobs{plane="worker",queue="${queue}",state="failed"} 0`);
    expect(samples).toContain('claviger_queue_jobs{plane="worker",queue="shredding",state="delayed"} 1');
    expect(samples).toContain('claviger_outbox_oldest_event_age_seconds{plane="worker"} 0');
    expect(text).toContain('route="/readyz",status="2xx"');
    for (const id of [tenant.orgId, tenant.secretId, tenant.workspaceId, tenant.aiProviderId]) {
      expect(text).not.toContain(id);
      expect(text).not.toContain(toUuid(id));
    }
    expect(samples).toContain('claviger_runs_waiting{plane="worker"} 0');
    expect(samples).toContain('claviger_runs_oldest_waiting_seconds{plane="worker"} 0');
    // A run that no engine takes: it is counted, and how long it waits.
    await superuser.query(
      `INSERT INTO agent_runs (org_id, id, workspace_id, node_execution_id, request_hash, principal_id, status, queued_at)
       VALUES ($1, $2, $3, 'node-2', 'hash', 'tok_x', 'queued', now() - interval '90 s')`,
      [toUuid(tenant.orgId), newUuid(), toUuid(tenant.workspaceId)],
    );
    const waiting = await scrape();
    expect(samplesOf(waiting)).toContain('claviger_runs_waiting{plane="worker"} 1');
    const waits = /runs_oldest_waiting_seconds\{plane="worker"\} (\S+)/.exec(waiting)?.[1];
    expect(Number(waits)).toBeGreaterThanOrEqual(90);
    // An event that nobody relays: its age is seen.
    const relay = app.get(OutboxRelayProcessor);
    await relay.onApplicationShutdown();
    const made = (Date.now() - 90_000).toString(16).padStart(12, '0');
    await superuser.query(
      `INSERT INTO outbox_events (org_id, id, topic, ids) VALUES ($1, $2, 'ai-provider.updated', '{}')`,
      [toUuid(tenant.orgId), `${made.slice(0, 8)}-${made.slice(8)}-${newUuid().slice(14)}`],
    );
    const age = /oldest_event_age_seconds\{plane="worker"\} (\S+)/.exec(await scrape())?.[1];
    expect(Number(age)).toBeGreaterThanOrEqual(80);
    expect(Number(age)).toBeLessThan(3_600);
  });

  async function addVersion(version: number, age: string): Promise<void> {
    await superuser.query(
      `INSERT INTO secret_versions
         (org_id, secret_id, version, format, kms_ref, origins, wrapped_dek, envelope, state, retired_at)
       VALUES ($1, $2, $3, 1, 'local:1', '{}', 'wrapped', 'sealed', 'draining', now() - $4::interval)`,
      [toUuid(tenant.orgId), toUuid(tenant.secretId), version, age],
    );
  }

  async function addReceipts(count: number): Promise<void> {
    const runId = newUuid();
    await superuser.query(
      `INSERT INTO agent_runs (org_id, id, workspace_id, node_execution_id, request_hash, principal_id, status)
       VALUES ($1, $2, $3, 'node-1', 'hash', 'tok_x', 'succeeded')`,
      [toUuid(tenant.orgId), runId, toUuid(tenant.workspaceId)],
    );
    for (let i = 0; i < count; i += 1) {
      await superuser.query(
        `INSERT INTO usage_records (org_id, id, run_id, workspace_id, provider_key_id, key_version, provider, model,
           principal_id, outcome, input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cost_micro_usd)
         VALUES ($1, $2, $3, $4, $5, 1, 'openai', 'gpt-4.1-mini', 'tok_x', 'succeeded', 10, 5, 0, 0, 100)`,
        [toUuid(tenant.orgId), newUuid(), runId, toUuid(tenant.workspaceId), toUuid(tenant.aiProviderId)],
      );
    }
  }

  async function versionState(version: number) {
    const { rows } = await superuser.query<{
      state: string;
      envelope: Buffer | null;
      wrapped_dek: Buffer | null;
    }>('SELECT state, envelope, wrapped_dek FROM secret_versions WHERE secret_id = $1 AND version = $2', [
      toUuid(tenant.secretId),
      version,
    ]);
    return rows[0] ?? { state: 'missing', envelope: null, wrapped_dek: null };
  }

  async function unpublished(): Promise<number> {
    const { rows } = await superuser.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM outbox_events WHERE published_at IS NULL',
      [],
    );
    return rows[0]?.n ?? -1;
  }

  async function daily() {
    const { rows } = await superuser.query(
      'SELECT calls, input_tokens, output_tokens, cost_micro_usd FROM usage_days',
      [],
    );
    return rows;
  }
});

function auditKeyFile(): string {
  const file = join(mkdtempSync(join(tmpdir(), 'claviger-worker-')), 'private.pem');
  writeFileSync(file, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return file;
}

function config(databaseUrl: string): WorkerConfig {
  return {
    env: 'test',
    logLevel: 'silent',
    host: '127.0.0.1',
    port: 0,
    metricsPort: null,
    databaseUrl,
    redisUrl: null,
    deployment: 'test',
    trustedProxies: [],
    rewrap: null,
    webhooks: null,
    usage: { receiptDays: null, minuteDays: 30, runDays: null },
    checkpoints: { privateKeyPath: auditKeyFile(), file: null, everySeconds: 1 },
    warnings: [],
  };
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('did not happen within 20 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
