import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import type { Clock } from '#lib/kernel';
import { TenantDb } from '#lib/persistence';
import { recordChange } from '../../common/record-change.js';
import { CLOCK } from '../../common/tokens.js';
import { AuditService } from '../audit/index.js';
import { EXPORT_SECTIONS, type ExportSection } from './export-sections.js';
import { OrgExportRepository, type ExportCursor } from './org-export.repository.js';
import { assertOwnOrg } from './orgs.errors.js';
import { OrgsRepository } from './orgs.repository.js';

const BATCH = 500;

/** Everything of an organization as lines of JSON. */
@Injectable()
export class ExportOrgService {
  constructor(
    private readonly db: TenantDb,
    private readonly orgs: OrgsRepository,
    private readonly repository: OrgExportRepository,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Notes the export in the audit log, then answers the file's name and its lines. Throws not_found. */
  async start(principal: Principal, id: string): Promise<{ name: string; lines: AsyncGenerator<string> }> {
    assertOwnOrg(principal.orgId, id);
    const slug = await this.db.withOrg(id, async (tx) => {
      await recordChange(tx, principal, {
        action: 'orgs:ExportOrg',
        target: id,
        change: { export: 'started' },
        topic: 'org.exported',
        ids: { orgId: id },
      });
      return (await this.orgs.get(tx, id)).slug;
    });
    return { name: `${slug}-export.ndjson`, lines: this.lines(principal) };
  }

  /** A page at a time, as fast as the reader reads: memory holds one page, and no transaction lasts as long as the reader. */
  private async *lines(principal: Principal): AsyncGenerator<string> {
    const { orgId } = principal;
    const counts: Record<string, number> = {};
    yield line('export', { format: 1, orgId, at: this.clock.now().toISOString() });
    for (const section of EXPORT_SECTIONS) {
      for await (const row of this.rows(orgId, section)) {
        counts[section.type] = (counts[section.type] ?? 0) + 1;
        yield line(section.type, row);
      }
    }
    for await (const event of this.audit.export(principal, {})) {
      counts['auditEvent'] = (counts['auditEvent'] ?? 0) + 1;
      // Not parsed: the chain can be recomputed from the event's own text.
      yield `{"type":"auditEvent","data":${event.trimEnd()}}\n`;
    }
    yield line('end', { counts });
  }

  private async *rows(orgId: string, section: ExportSection): AsyncGenerator<Record<string, unknown>> {
    let after: ExportCursor | undefined;
    for (;;) {
      const from = after;
      const page = await this.db.withOrg(orgId, (tx) => this.repository.page(tx, section, from, BATCH));
      yield* page.rows;
      if (page.rows.length < BATCH) return;
      after = page.last;
    }
  }
}

function line(type: string, data: object): string {
  return `${JSON.stringify({ type, data })}\n`;
}
