import { QUEUE_SCHEMA, type JobPayloads, type QueueName } from '#lib/contracts';
import {
  createPostgresBackend,
  createRedisBackend,
  withBackend,
  type ConnectionOptions,
  type JobsOptions,
  type PostgresConnectionOptions,
} from 'bullmq';

/** Where jobs live: beside the data, unless the operator names a Redis or Valkey. */
export type QueueBackend =
  | { kind: 'postgres'; connection: PostgresConnectionOptions }
  | { kind: 'redis'; connection: ConnectionOptions };

type AnyPayload = JobPayloads[QueueName];

const onPostgres = withBackend(createPostgresBackend);
const onRedis = withBackend(createRedisBackend);

/**
 * Chooses the backend of a process.
 * @param databaseUrl the process's own login; its pool is kept small because queues are off the hot path
 * @param redisUrl Redis or Valkey with `maxmemory-policy noeviction`, or null for Postgres
 */
export function queueBackend(databaseUrl: string, redisUrl: string | null): QueueBackend {
  if (redisUrl !== null) {
    return { kind: 'redis', connection: { url: redisUrl, maxRetriesPerRequest: null } };
  }
  const connection = { connectionString: databaseUrl, schema: QUEUE_SCHEMA, max: 3, skipMigrations: true };
  return { kind: 'postgres', connection };
}

/** BullMQ's queue for `name` on this backend. */
export function bullQueue(name: string, backend: QueueBackend, defaultJobOptions: JobsOptions) {
  return backend.kind === 'postgres'
    ? new onPostgres.Queue<AnyPayload, void>(name, { connection: backend.connection, defaultJobOptions })
    : new onRedis.Queue<AnyPayload, void>(name, { connection: backend.connection, defaultJobOptions });
}

/** BullMQ's worker for `name` on this backend; `handle` gets the payload and how often it was tried before. */
export function bullWorker<Data>(
  name: string,
  backend: QueueBackend,
  handle: (payload: Data, attemptsMade: number) => Promise<void>,
  concurrency: number,
) {
  const process = (job: { data: Data; attemptsMade: number }) => handle(job.data, job.attemptsMade);
  return backend.kind === 'postgres'
    ? new onPostgres.Worker<Data, void>(name, process, { connection: backend.connection, concurrency })
    : new onRedis.Worker<Data, void>(name, process, { connection: backend.connection, concurrency });
}
