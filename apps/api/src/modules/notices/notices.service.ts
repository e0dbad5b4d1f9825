import { Inject, Injectable } from '@nestjs/common';
import { coversRow, type Principal } from '#lib/access';
import { notFound } from '#lib/contracts';
import { toPage, type Page, type PageQuery } from '#lib/http';
import { isId, type Clock } from '#lib/kernel';
import { TenantDb } from '#lib/persistence';
import { coveredRows } from '../../common/covered-rows.js';
import { pageWindow } from '../../common/paging.js';
import { recordChange } from '../../common/record-change.js';
import { CLOCK } from '../../common/tokens.js';
import type { Notice } from './notice.js';
import type { NoticeDto } from './notices.dto.js';
import { NoticesRepository } from './notices.repository.js';

@Injectable()
export class NoticesService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: NoticesRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(principal: Principal, query: PageQuery): Promise<Page<NoticeDto>> {
    const window = pageWindow('ntc', query);
    const rows = await this.db.withOrg(principal.orgId, (tx) =>
      coveredRows(principal, 'notices:ListNotices', window, (part) => this.repository.open(tx, part)),
    );
    // A notice tells of a key: who may not know of the key is not told of its end either.
    const told = (notice: Notice) => mayKnow(principal, notice.aiProviderId);
    const page = toPage(
      rows,
      query.limit,
      ({ id }) => id,
      (notice) => (told(notice) ? dtoOf(notice) : null),
    );
    return { ...page, data: page.data.filter((notice) => notice !== null) };
  }

  /** Throws not_found. Dismissing what is dismissed already is no fault, and no second change. */
  async dismiss(principal: Principal, id: string): Promise<void> {
    const { orgId, userId } = principal;
    if (!isId('ntc', id)) throw notFound();
    await this.db.withOrg(orgId, async (tx) => {
      const aiProviderId = await this.repository.keyOf(tx, orgId, id);
      if (!aiProviderId || !mayKnow(principal, aiProviderId)) throw notFound();
      if (!(await this.repository.dismiss(tx, id, userId, this.clock.now()))) return;
      await recordChange(tx, principal, {
        action: 'notices:DismissNotice',
        target: id,
        change: { aiProviderId },
        topic: 'notice.dismissed',
        ids: { noticeId: id, aiProviderId },
      });
    });
  }
}

function mayKnow(principal: Principal, aiProviderId: string): boolean {
  return coversRow(principal, 'aiProviders:GetAiProvider', aiProviderId);
}

function dtoOf(notice: Notice): NoticeDto {
  const { id, kind, level, daysBefore } = notice;
  return {
    id,
    kind,
    level,
    subjectId: notice.aiProviderId,
    subjectName: notice.aiProviderName,
    expiresAt: notice.expiresAt.toISOString(),
    daysBefore,
    createdAt: notice.createdAt.toISOString(),
  };
}
