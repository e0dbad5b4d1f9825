import { Injectable } from '@nestjs/common';
import { toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';

/** Whose key it is, and for what: keys of two callers or two routes never meet. */
export interface IdempotencySlot {
  orgId: string;
  principal: string;
  route: string;
  key: string;
}

export interface IdempotencyEntry {
  requestHash: Buffer;
  /** null while the first call is still running. */
  status: number | null;
  response: unknown;
}

@Injectable()
export class IdempotencyRepository {
  /** Takes the slot; false when somebody has it already. */
  async take(tx: TenantTx, slot: IdempotencySlot, requestHash: Buffer): Promise<boolean> {
    const { principal, route, key } = slot;
    const taken = await tx.$executeRaw`
      INSERT INTO idempotency_keys (org_id, principal, route, key, request_hash)
      VALUES (${toUuid(slot.orgId)}::uuid, ${principal}, ${route}, ${key}, ${requestHash})
      ON CONFLICT (org_id, principal, route, key) DO NOTHING`;
    return taken === 1;
  }

  async find(tx: TenantTx, slot: IdempotencySlot): Promise<IdempotencyEntry | null> {
    const row = await tx.idempotencyKey.findUnique({ where: where(slot) });
    return row && { requestHash: Buffer.from(row.requestHash), status: row.status, response: row.response };
  }

  async keep(tx: TenantTx, slot: IdempotencySlot, status: number, response: object | null): Promise<void> {
    await tx.idempotencyKey.update({ where: where(slot), data: { status, response: response ?? undefined } });
  }

  /** The call failed and changed nothing: the key may be used again. */
  async free(tx: TenantTx, slot: IdempotencySlot): Promise<void> {
    await tx.idempotencyKey.delete({ where: where(slot) });
  }
}

function where({ orgId, principal, route, key }: IdempotencySlot) {
  return { orgId_principal_route_key: { orgId: toUuid(orgId), principal, route, key } };
}
