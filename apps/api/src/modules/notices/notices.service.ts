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
      coveredRows(principal, 'notices:ListNotices', window, (part) =>
        this.repository.open(tx, part, principal.role === 'OWNER'),
      ),
    );
    // A notice tells of a key, a quota, a policy or a webhook: who may not know of it is not told of its end either.
    const told = (notice: Notice) => mayKnow(principal, notice.subjectId);
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
      const subjectId = await this.repository.subjectOf(tx, orgId, id);
      if (!subjectId || !mayKnow(principal, subjectId)) throw notFound();
      const subject = { [aboutA(subjectId).id]: subjectId };
      if (!(await this.repository.dismiss(tx, id, userId, this.clock.now()))) return;
      await recordChange(tx, principal, {
        action: 'notices:DismissNotice',
        target: id,
        change: subject,
        topic: 'notice.dismissed',
        ids: { noticeId: id, ...subject },
      });
    });
  }
}

/** How the thing that a notice is about is named in records, and who may know of it. */
function aboutA(subjectId: string) {
  if (isId('quo', subjectId)) return { id: 'quotaId', permission: 'quotas:GetQuota' } as const;
  if (isId('pol', subjectId)) return { id: 'policyId', permission: 'policies:GetPolicy' } as const;
  if (isId('whk', subjectId)) return { id: 'webhookId', permission: 'webhooks:GetWebhook' } as const;
  return { id: 'aiProviderId', permission: 'aiProviders:GetAiProvider' } as const;
}

function mayKnow(principal: Principal, subjectId: string): boolean {
  return coversRow(principal, aboutA(subjectId).permission, subjectId);
}

function dtoOf(notice: Notice): NoticeDto {
  const { id, kind, level, daysBefore, subjectId, subjectName, threshold } = notice;
  return {
    id,
    kind,
    level,
    ...{ subjectId, subjectName, threshold },
    expiresAt: notice.expiresAt?.toISOString() ?? null,
    daysBefore,
    createdAt: notice.createdAt.toISOString(),
  };
}
