import { Injectable } from '@nestjs/common';
import {
  KEY_HEALTH_KEPT,
  keptMessage,
  type KeyHealthEvent,
  type KeyHealthOutcome,
  type KeyTestResult,
} from '#lib/contracts';
import { fromUuid, newUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';

/** The health history of keys. The engine writes what calls say, and we what tests say. */
@Injectable()
export class KeyHealthRepository {
  /** The newest first. */
  async list(tx: TenantTx, orgId: string, keyId: string): Promise<KeyHealthEvent[]> {
    const rows = await tx.providerKeyHealth.findMany({
      where: { orgId: toUuid(orgId), providerKeyId: toUuid(keyId) },
      orderBy: [{ at: 'desc' }, { id: 'desc' }],
      take: KEY_HEALTH_KEPT,
    });
    return rows.map(({ at, source, outcome, code, message, runId, refusedInARow }) => ({
      ...{ at, code, message, refusedInARow },
      source: source as KeyHealthEvent['source'],
      outcome: outcome as KeyHealthOutcome,
      runId: runId && fromUuid('run', runId),
    }));
  }
}

/** Adds a test to the key's history, after its result was kept with the key, and forgets the oldest events. */
export async function rememberTest(
  tx: TenantTx,
  orgId: string,
  keyId: string,
  { ok, status, message, testedAt }: KeyTestResult,
): Promise<void> {
  const [org, key] = [toUuid(orgId), toUuid(keyId)];
  const outcome = ok ? 'ok' : status === 'auth_failed' ? 'refused' : 'failed';
  const code = ok ? null : status;
  await tx.$executeRaw`
    INSERT INTO provider_key_health (org_id, id, provider_key_id, at, source, outcome, code, message, refused_in_a_row)
    SELECT org_id, ${newUuid()}::uuid, id, ${new Date(testedAt)}::timestamptz, 'test', ${outcome}, ${code},
           ${ok ? null : keptMessage(outcome, message)}, refused_in_a_row
    FROM provider_keys WHERE org_id = ${org}::uuid AND id = ${key}::uuid`;
  await tx.$executeRaw`
    DELETE FROM provider_key_health WHERE org_id = ${org}::uuid AND provider_key_id = ${key}::uuid AND id IN (
      SELECT h.id FROM provider_key_health h WHERE h.org_id = ${org}::uuid AND h.provider_key_id = ${key}::uuid
      ORDER BY h.at DESC, h.id DESC OFFSET ${KEY_HEALTH_KEPT}::int)`;
}
