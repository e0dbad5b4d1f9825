import { Injectable } from '@nestjs/common';
import { fromUuid, toUuid } from '#lib/kernel';
import { PgPool } from '../pg/pg-pool.js';
import type { AcknowledgementFacts, SignedCheckpoint } from './checkpoint-line.js';

/** A head that differs from its latest checkpoint. */
export interface MovedHead {
  orgId: string;
  seq: number;
  hash: Buffer;
  /** 0: there is no checkpoint yet. */
  signedSeq: number;
}

/** Checkpoints and the epoch in the database: functions that the worker's role, and in part the engine's, may use. */
@Injectable()
export class CheckpointStore {
  constructor(private readonly pool: PgPool) {}

  /** 0 before the first checkpoint. Only grows, but in a database that was restored from an old copy. */
  async epoch(): Promise<number> {
    const { rows } = await this.pool.query<{ epoch: string }>('SELECT lookup.audit_epoch()::text AS epoch');
    return Number(rows[0]?.epoch ?? 0);
  }

  /** For the owner's login: name of the key that signed the latest checkpoint; null before the first. */
  async lastSigner(): Promise<string | null> {
    const { rows } = await this.pool.query<{ signed_by: string }>(
      `SELECT signed_by FROM lookup.audit_checkpoints_between(lookup.audit_epoch() - 20, lookup.audit_epoch())
       ORDER BY epoch DESC LIMIT 1`,
    );
    return rows[0]?.signed_by ?? null;
  }

  async movedHeads(): Promise<MovedHead[]> {
    const { rows } = await this.pool.query<{
      org_id: string;
      seq: string;
      hash: Buffer;
      signed_seq: string | null;
    }>('SELECT org_id, seq::text, hash, signed_seq::text FROM lookup.audit_heads_moved()');
    return rows.map((row) => ({
      orgId: fromUuid('org', row.org_id),
      seq: Number(row.seq),
      hash: row.hash,
      signedSeq: Number(row.signed_seq ?? 0),
    }));
  }

  /** Stores one epoch's checkpoints, all or none. Throws when another worker was first. */
  async add(epoch: number, at: string, signedBy: string, checkpoints: SignedCheckpoint[]): Promise<void> {
    const entries = checkpoints.map(({ orgId, seq, hash, signature }) => {
      return { org: toUuid(orgId), seq, hash, signature };
    });
    await this.pool.query('SELECT lookup.add_audit_checkpoints($1, $2, $3, $4::jsonb)', [
      epoch,
      at,
      signedBy,
      JSON.stringify(entries),
    ]);
  }

  /** The stored checkpoints of the epochs from above `after` to `upTo`, in order. */
  async between(after: number, upTo: number, deployment: string): Promise<SignedCheckpoint[]> {
    const { rows } = await this.pool.query<CheckpointRow>(
      `SELECT org_id, epoch::text, seq::text, hash, at, signed_by, signature
       FROM lookup.audit_checkpoints_between($1, $2)`,
      [after, upTo],
    );
    return rows.map((row) => ({
      kind: 'checkpoint' as const,
      deployment,
      epoch: Number(row.epoch),
      orgId: fromUuid('org', row.org_id),
      seq: Number(row.seq),
      hash: row.hash.toString('hex'),
      at: row.at.toISOString(),
      signedBy: row.signed_by,
      signature: row.signature.toString('hex'),
    }));
  }

  /** The restores that operators acknowledged after an epoch. */
  async acknowledged(after: number, deployment: string): Promise<AcknowledgementFacts[]> {
    const { rows } = await this.pool.query<AcknowledgementRow>(
      `SELECT epoch::text, at, acknowledges::text, restored_to::text, reason FROM lookup.acknowledged_restores($1)`,
      [after],
    );
    return rows.map((row) => ({
      kind: 'restore-acknowledged' as const,
      deployment,
      epoch: Number(row.epoch),
      acknowledges: Number(row.acknowledges),
      restoredTo: Number(row.restored_to),
      reason: row.reason ?? '',
      at: row.at.toISOString(),
    }));
  }

  /** For the owner's login: takes note that this database is behind `externalEpoch`. Answers the new epoch. */
  async acknowledgeRestore(externalEpoch: number, reason: string): Promise<number> {
    const { rows } = await this.pool.query<{ epoch: string }>(
      'SELECT lookup.acknowledge_restore($1, $2)::text AS epoch',
      [externalEpoch, reason],
    );
    return Number(rows[0]?.epoch);
  }

  /** For the owner's login: every organization that has a chain, or should have one. */
  async orgs(): Promise<string[]> {
    const { rows } = await this.pool.query<{ org_id: string }>('SELECT org_id FROM lookup.audited_orgs()');
    return rows.map((row) => fromUuid('org', row.org_id));
  }
}

interface CheckpointRow {
  org_id: string;
  epoch: string;
  seq: string;
  hash: Buffer;
  at: Date;
  signed_by: string;
  signature: Buffer;
}

interface AcknowledgementRow {
  epoch: string;
  at: Date;
  acknowledges: string;
  restored_to: string;
  reason: string | null;
}
