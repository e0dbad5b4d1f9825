import { equalBytes, sha256 } from '#lib/kernel';

/** A head that was kept elsewhere: what the chain must still contain. */
export interface AuditCheckpoint {
  seq: number;
  hash: Buffer;
}

/** The chain is whole up to `head`, or the first number at which it is not. */
export type AuditVerdict =
  { ok: true; head: AuditCheckpoint } | { ok: false; firstBadSeq: number; reason: string };

/** A record as it was hashed: numbers as decimal text, `change` as PostgreSQL prints the stored jsonb. */
export interface ChainRecord {
  seq: string;
  /** UUID. */
  id: string;
  /** Microseconds since 1970. */
  at_micros: string;
  actor: string;
  action: string;
  target: string;
  request_id: string;
  ip: string | null;
  change: string;
  hash: Buffer;
}

const GENESIS = Buffer.alloc(32);

/** Walks a chain from its first record: hash = SHA-256(previous ‖ seq ‖ length-prefixed record) (CUSTODY §9). */
export class ChainWalk {
  #head: AuditCheckpoint = { seq: 0, hash: GENESIS };
  readonly #orgUuid: string;
  readonly #checkpoints: Map<number, Buffer>;
  readonly #last: number;

  constructor(orgUuid: string, checkpoints: AuditCheckpoint[]) {
    this.#orgUuid = orgUuid;
    this.#checkpoints = new Map(checkpoints.map(({ seq, hash }) => [seq, hash]));
    this.#last = Math.max(0, ...this.#checkpoints.keys());
  }

  /** The last record that was good. */
  get head(): AuditCheckpoint {
    return this.#head;
  }

  /** Takes the next record; answers what is wrong with it, if anything. */
  step(record: ChainRecord): AuditVerdict | undefined {
    const seq = Number(record.seq);
    if (seq !== this.#head.seq + 1) return this.bad('the event is missing');
    if (!equalBytes(record.hash, hashOf(record, this.#head.hash, this.#orgUuid))) {
      return this.bad('the event is not what was written');
    }
    const signed = this.#checkpoints.get(seq);
    if (signed && !equalBytes(signed, record.hash)) {
      const whole = this.#lastBefore(seq);
      return this.bad(
        `the chain is not the one that the checkpoint was taken of: it was written anew, from number ${whole + 1} at the earliest`,
      );
    }
    this.#head = { seq, hash: record.hash };
    return undefined;
  }

  /** After the last record: whether a checkpoint knew of more. */
  end(): AuditVerdict {
    if (this.#last > this.#head.seq) return this.bad('events up to the checkpoint are missing');
    return { ok: true, head: this.#head };
  }

  bad(reason: string): AuditVerdict {
    return { ok: false, firstBadSeq: this.#head.seq + 1, reason };
  }

  #lastBefore(seq: number): number {
    return Math.max(0, ...[...this.#checkpoints.keys()].filter((known) => known < seq));
  }
}

function hashOf(record: ChainRecord, previous: Buffer, org: string): Buffer {
  return sha256(
    previous,
    int64(record.seq),
    framed(org),
    framed(record.id),
    int64(record.at_micros),
    framed(record.actor),
    framed(record.action),
    framed(record.target),
    framed(record.request_id),
    framed(record.ip),
    framed(record.change),
  );
}

function int64(value: string): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

/** Length in bytes, then the bytes; -1 for null. */
function framed(value: string | null): Buffer {
  const bytes = Buffer.from(value ?? '', 'utf8');
  const length = Buffer.alloc(4);
  length.writeInt32BE(value === null ? -1 : bytes.length);
  return Buffer.concat([length, bytes]);
}
