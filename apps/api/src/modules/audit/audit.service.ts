import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import { decodeCursor, toPage, type Page } from '#lib/http';
import type { Clock } from '#lib/kernel';
import { TenantDb } from '#lib/persistence';
import { CLOCK } from '../../common/tokens.js';
import type { AuditEvent, AuditFilter, SignedHead } from './audit-event.js';
import type {
  AuditCheckpointDto,
  AuditEventDto,
  AuditFilterQuery,
  AuditListQuery,
  SignedCheckpointDto,
} from './audit.dto.js';
import { foreignCursor } from './audit.errors.js';
import { AuditRepository } from './audit.repository.js';

const EXPORT_BATCH = 500;

@Injectable()
export class AuditService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: AuditRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list({ orgId }: Pick<Principal, 'orgId'>, query: AuditListQuery): Promise<Page<AuditEventDto>> {
    const before = seqOf(query.cursor);
    const rows = await this.db.withOrg(orgId, (tx) =>
      this.repository.newest(tx, filterOf(query), query.limit + 1, before),
    );
    return toPage(rows, query.limit, (row) => String(row.seq), dtoOf);
  }

  /** Every matching event as a line of JSON, oldest first. Read in batches, so that no transaction lasts as long as the reader. */
  async *export(principal: Principal, query: AuditFilterQuery): AsyncGenerator<string> {
    const filter = filterOf(query);
    let after = 0;
    for (;;) {
      const from = after;
      const rows = await this.db.withOrg(principal.orgId, (tx) =>
        this.repository.lines(tx, principal.orgId, filter, EXPORT_BATCH, from),
      );
      for (const { line } of rows) yield line;
      const last = rows.at(-1);
      if (!last || rows.length < EXPORT_BATCH) return;
      after = last.seq;
    }
  }

  async checkpoint(principal: Principal): Promise<AuditCheckpointDto> {
    const { orgId } = principal;
    return this.db.withOrg(orgId, async (tx) => {
      const head = await this.repository.head(tx, orgId);
      const signed = await this.repository.signedHead(tx);
      const hash = (head?.hash ?? Buffer.alloc(32)).toString('hex');
      const at = this.clock.now().toISOString();
      return { orgId, seq: head?.seq ?? 0, hash, at, signed: signed && signedDtoOf(signed) };
    });
  }
}

function seqOf(cursor: string | undefined): number | undefined {
  const key = decodeCursor(cursor);
  if (key === undefined) return undefined;
  if (!/^\d{1,15}$/.test(key)) throw foreignCursor();
  return Number(key);
}

function filterOf({ action, actor, target, from, to }: AuditFilterQuery): AuditFilter {
  return {
    action,
    actor,
    target,
    from: from ? new Date(from) : undefined,
    to: to ? new Date(to) : undefined,
  };
}

function dtoOf({ at, hash, ...event }: AuditEvent): AuditEventDto {
  return { ...event, at: at.toISOString(), hash: hash.toString('hex') };
}

function signedDtoOf({ at, hash, signature, ...head }: SignedHead): SignedCheckpointDto {
  const hex = { hash: hash.toString('hex'), signature: signature.toString('hex') };
  return { ...head, ...hex, at: at.toISOString() };
}
