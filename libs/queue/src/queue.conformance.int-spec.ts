import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestDatabase, type TestDatabase } from '#lib/testing';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { JobQueue, JobWorker, queueBackend, type QueueBackend } from './index.js';

type Rollup = { orgId: string; secretId: string; version: number };

const redisUrl = process.env['TEST_REDIS_URL'] ?? null;
const kinds = redisUrl === null ? (['postgres'] as const) : (['postgres', 'redis'] as const);
if (redisUrl === null) console.warn('queue on Redis: not run, since TEST_REDIS_URL is not set');

const job = (version: number): Rollup => ({ orgId: 'org_x', secretId: randomUUID(), version });
const fail = (error: Error): never => {
  throw error;
};

describe.each(kinds)('queue on %s', (kind) => {
  let database: TestDatabase;
  let backend: QueueBackend;

  beforeAll(async () => {
    database = await startTestDatabase();
    if (kind === 'redis' && redisUrl !== null) await emptyRedis(redisUrl);
    backend = queueBackend(database.workerUrl, kind === 'redis' ? redisUrl : null);
  });
  afterAll(async () => {
    await database.stop();
  });

  it('runs each added job once, in order, with its payload', async () => {
    const queue = new JobQueue('shredding', backend, fail);
    const seen: number[] = [];
    for (let version = 1; version <= 20; version += 1) await queue.add(job(version));
    const worker = await workUntil(backend, (payload) => {
      seen.push(payload.version);
      return seen.length === 20;
    });
    await worker.close();
    await queue.close();
    expect(seen).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it('adds no second job under an id that it knows', async () => {
    const queue = new JobQueue('shredding', backend, fail);
    const jobId = randomUUID();
    await queue.add(job(1), { jobId, delayMs: 60_000 });
    await queue.add(job(2), { jobId, delayMs: 60_000 });
    expect(await queue.counts()).toMatchObject({ delayed: 1 });
    await queue.close();
  });

  it('tries a job whose handler throws again', async () => {
    const queue = new JobQueue('shredding', backend, fail);
    await queue.add(job(7));
    let attempts = 0;
    const worker = await workUntil(backend, () => {
      attempts += 1;
      if (attempts === 1) throw new Error('first attempt fails');
      return true;
    });
    await worker.close();
    await queue.close();
    expect(attempts).toBe(2);
  });

  it('schedules under one id once, however often it is asked to', async () => {
    const queue = new JobQueue('retention', backend, fail);
    await queue.schedule('hourly', 3_600_000, {});
    await queue.schedule('hourly', 3_600_000, {});
    const { delayed = 0, waiting = 0 } = await queue.counts();
    expect(delayed + waiting).toBe(1);
    await queue.close();
  });
});

/** A worker that resolves once `take` has answered true; failures of attempts are part of the story, not of the test. */
function workUntil(
  backend: QueueBackend,
  take: (payload: Rollup) => boolean,
): Promise<JobWorker<'shredding'>> {
  return new Promise((done) => {
    const worker: JobWorker<'shredding'> = new JobWorker(
      'shredding',
      backend,
      async (payload) => {
        if (take(payload)) setImmediate(() => done(worker));
      },
      { concurrency: 1, onError: () => undefined },
    );
  });
}

/** TEST_REDIS_URL names a server for tests: what an earlier run left there is not this one's. */
async function emptyRedis(url: string): Promise<void> {
  const client = new Redis(url);
  await client.flushdb();
  client.disconnect();
}
