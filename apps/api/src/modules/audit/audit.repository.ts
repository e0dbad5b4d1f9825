import { Injectable } from '@nestjs/common';
import { fromUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import type { AuditEvent, AuditFilter, SignedHead } from './audit-event.js';

interface AuditRow {
  id: string;
  seq: bigint;
  at: Date;
  actor: string;
  action: string;
  target: string;
  requestId: string;
  ip: string | null;
  change: unknown;
  hash: Uint8Array;
}

interface ExportRow {
  seq: bigint;
  id: string;
  at: string;
  actor: string;
  action: string;
  target: string;
  requestId: string;
  ip: string | null;
  change: string;
  hash: Uint8Array;
}

@Injectable()
export class AuditRepository {
  /** Newest first, from below `beforeSeq`. */
  async newest(
    tx: TenantTx,
    filter: AuditFilter,
    take: number,
    beforeSeq: number | undefined,
  ): Promise<AuditEvent[]> {
    const seq = beforeSeq === undefined ? {} : { seq: { lt: BigInt(beforeSeq) } };
    const rows = await tx.auditEvent.findMany({
      where: { ...whereOf(filter), ...seq },
      take,
      orderBy: { seq: 'desc' },
    });
    return rows.map(eventOf);
  }

  /**
   * Lines of the export, oldest first, from above `afterSeq`. Exact, so that the chain can be recomputed from them: times in
   * microseconds, and `change`, the last field, as the text that was hashed.
   */
  async lines(
    tx: TenantTx,
    orgId: string,
    filter: AuditFilter,
    take: number,
    afterSeq: number,
  ): Promise<{ seq: number; line: string }[]> {
    const { action = null, actor = null, target = null, from = null, to = null } = filter;
    const rows = await tx.$queryRaw<ExportRow[]>`
      SELECT seq, id::text, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, actor, action, target,
             request_id AS "requestId", ip, change::text AS change, hash
      FROM audit_events
      WHERE seq > ${afterSeq} AND (${action}::text IS NULL OR action = ${action})
        AND (${actor}::text IS NULL OR actor = ${actor}) AND (${target}::text IS NULL OR target = ${target})
        AND (${from}::timestamptz IS NULL OR at >= ${from}) AND (${to}::timestamptz IS NULL OR at < ${to})
      ORDER BY audit_events.seq LIMIT ${take}`;
    return rows.map((row) => ({ seq: Number(row.seq), line: lineOf(row, orgId) }));
  }

  /** The latest head that the worker signed. */
  async signedHead(tx: TenantTx): Promise<SignedHead | null> {
    const row = await tx.auditCheckpoint.findFirst({ orderBy: { epoch: 'desc' } });
    if (!row) return null;
    const { epoch, seq, hash, at, signedBy, signature } = row;
    const bytes = { hash: Buffer.from(hash), signature: Buffer.from(signature) };
    return { epoch: Number(epoch), seq: Number(seq), at, signedBy, ...bytes };
  }

  async head(tx: TenantTx, orgId: string): Promise<{ seq: number; hash: Buffer } | null> {
    const row = await tx.auditHead.findUnique({ where: { orgId: toUuid(orgId) } });
    return row ? { seq: Number(row.seq), hash: Buffer.from(row.hash) } : null;
  }
}

function whereOf({ action, actor, target, from, to }: AuditFilter) {
  return { action, actor, target, at: { gte: from, lt: to } };
}

function eventOf({ id, seq, change, hash, ...row }: AuditRow): AuditEvent {
  const { at, actor, action, target, requestId, ip } = row;
  const facts = { at, actor, action, target, requestId, ip };
  return {
    ...facts,
    id: fromUuid('evt', id),
    seq: Number(seq),
    change: change as Record<string, unknown>,
    hash: Buffer.from(hash),
  };
}

function lineOf({ id, seq, change, hash, ...row }: ExportRow, orgId: string): string {
  const { at, actor, action, target, requestId, ip } = row;
  const facts = {
    orgId,
    seq: Number(seq),
    id: fromUuid('evt', id),
    at,
    actor,
    action,
    target,
    requestId,
    ip,
  };
  const text = JSON.stringify({ ...facts, hash: Buffer.from(hash).toString('hex') });
  return `${text.slice(0, -1)},"change":${change}}\n`;
}
