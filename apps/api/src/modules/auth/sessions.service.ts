import { Inject, Injectable } from '@nestjs/common';
import type { Account } from '#lib/access';
import { notFound } from '#lib/contracts';
import { requestContext, toPage, type PageQuery } from '#lib/http';
import { isId, type Clock } from '#lib/kernel';
import { Lookups } from '#lib/persistence';
import { CLOCK } from '../../common/tokens.js';
import { pageWindow } from '../../common/paging.js';
import type { SessionPageDto } from './auth.dto.js';
import { openSession, SESSION_SECONDS, type OpenedSession } from './session.js';

/** A person's sessions: opened, listed, ended. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly lookups: Lookups,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async open(userId: string, activeOrgId: string | null, userAgent: string | null): Promise<OpenedSession> {
    const { tokenHash, csrfHash, ...session } = openSession();
    const expiresAt = new Date(this.clock.now().getTime() + SESSION_SECONDS * 1000);
    const row = { id: session.id, userId, tokenHash, csrfHash, activeOrgId, expiresAt };
    await this.lookups.createSession({
      ...row,
      ip: requestContext.ip,
      userAgent: userAgent?.slice(0, 300) ?? null,
    });
    return session;
  }

  /** The person's live sessions, the one opened last first: an order that using them does not change. */
  async list(account: Account, query: PageQuery): Promise<SessionPageDto> {
    const { afterId, take } = pageWindow('ses', query);
    const all = (await this.lookups.listSessions(account.userId)).sort((a, b) => (a.id < b.id ? 1 : -1));
    const rows = all.filter(({ id }) => afterId === undefined || id < afterId).slice(0, take);
    const show = ({ id, ip, userAgent, createdAt, lastSeenAt, expiresAt }: (typeof rows)[number]) => ({
      id,
      current: id === account.sessionId,
      ip,
      userAgent,
      createdAt: createdAt.toISOString(),
      lastSeenAt: lastSeenAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
    });
    return toPage(rows, query.limit, ({ id }) => id, show);
  }

  /** Ends one session of the caller; somebody else's is the same 404 as one that never was. */
  async end(account: Account, sessionId: string): Promise<void> {
    if (!isId('ses', sessionId) || !(await this.lookups.deleteSession(account.userId, sessionId)))
      throw notFound();
  }
}
