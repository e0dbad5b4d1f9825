import type { PgPool } from '#lib/persistence';

/**
 * When the transactions of these requests committed, in wall-clock milliseconds, by request id: Postgres' own stamp of the
 * transaction that wrote the change's audit row, which is the change's own. Of several, the last one.
 */
export async function commitTimes(db: PgPool, requestIds: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await db.query<{ id: string; at: number }>(
    `SELECT request_id AS id, max(extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000)::float8 AS at
     FROM audit_events WHERE request_id = ANY ($1) GROUP BY request_id`,
    [requestIds],
  );
  return new Map(rows.map(({ id, at }) => [id, at]));
}
