/** What each queue's jobs carry: ids only, never content or secrets (CUSTODY §8). */
export interface JobPayloads {
  /** A replaced version of a secret, to be destroyed once its overlap is over. */
  shredding: { orgId: string; secretId: string; version: number };
  /** Adds the latest usage records to the daily statistics. */
  'usage-rollup': Record<string, never>;
  /** Deletes what has expired: sessions, idempotency keys, throttle windows, published events. */
  retention: Record<string, never>;
  /** Writes notices about keys that end soon. */
  'expiry-notices': Record<string, never>;
  /** Signs the heads of the audit chains that moved. */
  'audit-checkpoints': Record<string, never>;
}
export type QueueName = keyof JobPayloads;

/** How long a replaced secret version stays usable for calls that already hold it (CUSTODY §5). */
export const VERSION_DRAIN_MS = 15 * 60_000;

/**
 * After this, in milliseconds, a version that still waits for its test is what a crash in the middle of a rotation left behind:
 * the test itself takes half a minute at most. The next rotation or the worker's retention, every 10 minutes, erases it.
 */
export const ROTATION_MS = 5 * 60_000;

/** How long after its deletion an organization's rows are kept, in days, before they are purged (ADR 0015). */
export const ORG_GRACE_DAYS = 30;

/** The Postgres schema of BullMQ's tables: the migrator makes it, the processes only use it. */
export const QUEUE_SCHEMA = 'bullmq';
