import { fromUuid, newId, newUuid, toUuid } from '#lib/kernel';
import { appendAuditPg, appendOutboxPg, type TenantPg } from '#lib/persistence';
import { KEY_HEALTH_KEPT } from '#lib/contracts';
import { byKey, keyOutcome, type KeyOutcome } from './key-outcomes.js';
import type { UsageEntry } from './usage-entry.js';

/**
 * What a batch of calls says about its keys: advisory columns (no revision: using a key is not changing it), its health history, and
 * a notice when one turns failing. Keys are locked in the order of their ids, so that two flushes cannot deadlock; one that was
 * deleted meanwhile has receipts only.
 */
export async function updateKeys(tx: TenantPg, orgId: string, entries: UsageEntry[]): Promise<void> {
  const calls = byKey(entries);
  const { rows } = await tx.query<{ id: string; refused_in_a_row: number }>(
    'SELECT id::text, refused_in_a_row FROM provider_keys WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE',
    [[...calls.keys()].map(toUuid)],
  );
  for (const row of rows) {
    const id = fromUuid('aip', row.id);
    const outcome = keyOutcome(id, row.refused_in_a_row, calls.get(id) ?? []);
    await updateKey(tx, outcome);
    if (outcome.events.length > 0) await remember(tx, orgId, outcome);
    if (outcome.turnedFailingAt) await notifyOwners(tx, orgId, id, outcome.turnedFailingAt);
  }
}

async function updateKey(
  tx: TenantPg,
  { aiProviderId, lastUsedAt, lastOkAt, refusedInARow }: KeyOutcome,
): Promise<void> {
  await tx.query(
    `UPDATE provider_keys SET last_used_at = greatest(last_used_at, $2::timestamptz),
       last_ok_at = greatest(last_ok_at, $3::timestamptz), refused_in_a_row = $4
     WHERE id = $1`,
    [toUuid(aiProviderId), lastUsedAt.toISOString(), lastOkAt?.toISOString() ?? null, refusedInARow],
  );
}

async function remember(tx: TenantPg, orgId: string, { aiProviderId, events }: KeyOutcome): Promise<void> {
  const key = toUuid(aiProviderId);
  await tx.query(
    `INSERT INTO provider_key_health (org_id, id, provider_key_id, at, source, outcome, code, message, run_id, refused_in_a_row)
     SELECT $1, e.id, $2, e.at, 'run', e.outcome, e.code, e.message, e.run_id, e.refused
     FROM unnest($3::uuid[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::uuid[], $9::int[])
       AS e (id, at, outcome, code, message, run_id, refused)`,
    [
      toUuid(orgId),
      key,
      events.map(() => newUuid()),
      events.map(({ at }) => at.toISOString()),
      events.map(({ outcome }) => outcome),
      events.map(({ code }) => code),
      events.map(({ message }) => message),
      events.map(({ runId }) => runId && toUuid(runId)),
      events.map(({ refusedInARow }) => refusedInARow),
    ],
  );
  await tx.query(
    `DELETE FROM provider_key_health WHERE provider_key_id = $1 AND id IN (
       SELECT h.id FROM provider_key_health h WHERE h.provider_key_id = $1 ORDER BY h.at DESC, h.id DESC OFFSET $2)`,
    [key, KEY_HEALTH_KEPT],
  );
}

async function notifyOwners(tx: TenantPg, orgId: string, aiProviderId: string, at: Date): Promise<void> {
  await tx.query(
    `INSERT INTO notices (org_id, id, kind, provider_key_id, level, created_at)
     VALUES ($1, $2, 'aiProvider.failing', $3, 'warning', $4)`,
    [toUuid(orgId), newUuid(), toUuid(aiProviderId), at.toISOString()],
  );
  await appendOutboxPg(tx, { orgId, topic: 'provider-key.failing', ids: { aiProviderId } });
  await appendAuditPg(tx, {
    orgId,
    actor: 'system',
    action: 'notices:CreateNotice',
    target: aiProviderId,
    requestId: newId('req'),
    ip: null,
    change: { kind: 'aiProvider.failing' },
  });
}
