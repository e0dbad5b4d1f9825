/**
 * `claims` ($1: ids, $2: amounts) become part of their counters' `column`, each only if it fits: the row itself is asked, so that calls at
 * once on any number of processes cannot pass a cap. In the order of ids, so that two calls wait for each other and never in a circle.
 */
export function takeInto(column: 'reserved' | 'settled'): string {
  return `
  asked AS (SELECT * FROM unnest($1::uuid[], $2::bigint[]) AS a (quota_id, amount)),
  lines AS (
    SELECT q.org_id, q.id AS quota_id, date_trunc(q.period, now(), 'UTC') AS window_start, a.amount,
      CASE WHEN q.mode = 'enforce' THEN q.max END AS cap
    FROM asked a JOIN quotas q ON q.id = a.quota_id ORDER BY q.id),
  taken AS (
    INSERT INTO quota_counters AS c (org_id, quota_id, window_start, ${column})
    SELECT l.org_id, l.quota_id, l.window_start, l.amount FROM lines l WHERE l.cap IS NULL OR l.amount <= l.cap ORDER BY l.quota_id
    ON CONFLICT (org_id, quota_id, window_start) DO UPDATE SET ${column} = c.${column} + excluded.${column}
      WHERE c.reserved + c.settled + excluded.${column} <= coalesce(
        (SELECT q.max FROM quotas q WHERE q.org_id = c.org_id AND q.id = c.quota_id AND q.mode = 'enforce'), 9223372036854775807)
    RETURNING c.quota_id)`;
}
