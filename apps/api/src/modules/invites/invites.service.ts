import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import type { ApiConfig } from '#lib/config';
import { notFound } from '#lib/contracts';
import { toPage, type Page, type PageQuery } from '#lib/http';
import { isId, newId, opaqueToken, type Clock } from '#lib/kernel';
import { TenantDb, type TenantTx } from '#lib/persistence';
import { coveredRows } from '../../common/covered-rows.js';
import { pageWindow } from '../../common/paging.js';
import { recordChange } from '../../common/record-change.js';
import { API_CONFIG } from '../../common/settings.js';
import { CLOCK } from '../../common/tokens.js';
import { endOf, INVITE_DAYS, linkOf, mayInvite, type Invite } from './invite.js';
import type { CreatedInviteDto, CreateInviteDto, InviteDto } from './invites.dto.js';
import { endsOutOfBounds, ownerInviteByOwnerOnly, staysClosed } from './invites.errors.js';
import { InvitesRepository } from './invites.repository.js';

/** The links themselves: made, listed, switched, deleted. */
@Injectable()
export class InvitesService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: InvitesRepository,
    @Inject(API_CONFIG) private readonly config: Pick<ApiConfig, 'publicUrl'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(principal: Principal, query: PageQuery): Promise<Page<InviteDto>> {
    const window = pageWindow('inv', query);
    const rows = await this.db.withOrg(principal.orgId, (tx) =>
      coveredRows(principal, 'invites:ListInvites', window, (part) => this.repository.list(tx, part)),
    );
    return toPage(rows, query.limit, (row) => row.id, dtoOf);
  }

  /** Makes a link; its token is in this answer and nowhere else. */
  async create(principal: Principal, input: CreateInviteDto): Promise<CreatedInviteDto> {
    const role = input.role ?? 'MEMBER';
    if (role === 'OWNER' && principal.role !== 'OWNER') throw ownerInviteByOwnerOnly();
    const expiresAt = this.expiry(input.expiresAt);
    const { token, hash } = opaqueToken();
    const invite = await this.db.withOrg(principal.orgId, async (tx) => {
      const row = { id: newId('inv'), role, expiresAt, createdBy: principal.userId, tokenHash: hash };
      const made = await this.repository.insert(tx, principal.orgId, row);
      await recordChange(
        tx,
        principal,
        changeOf(made, 'invites:CreateInvite', { role, expiresAt: expiresAt.toISOString() }),
      );
      return made;
    });
    return { ...dtoOf(invite), token, link: linkOf(this.config.publicUrl, token) };
  }

  async switch(principal: Principal, id: string, enabled: boolean): Promise<InviteDto> {
    if (!isId('inv', id)) throw notFound();
    return this.db.withOrg(principal.orgId, async (tx) => {
      const seen = await this.repository.find(tx, principal.orgId, id);
      if (seen && !seen.enabled && enabled) await this.assertMaker(tx, principal.orgId, seen);
      const invite = await this.repository.findLocked(tx, principal.orgId, id);
      if (!invite) throw notFound();
      if (invite.enabled === enabled) return dtoOf(invite);
      await this.repository.setEnabled(tx, principal.orgId, id, enabled);
      await recordChange(tx, principal, changeOf(invite, 'invites:UpdateInvite', { enabled }));
      return dtoOf({ ...invite, enabled });
    });
  }

  async remove(principal: Principal, id: string): Promise<void> {
    if (!isId('inv', id)) throw notFound();
    await this.db.withOrg(principal.orgId, async (tx) => {
      if (!(await this.repository.remove(tx, principal.orgId, id))) throw notFound();
      await recordChange(tx, principal, changeOf({ id }, 'invites:DeleteInvite', {}));
    });
  }

  /** Before the link is locked, as in a demotion: its maker's row first, then the link's. */
  private async assertMaker(tx: TenantTx, orgId: string, { createdBy, role }: Invite): Promise<void> {
    if (!mayInvite(await this.repository.maker(tx, orgId, createdBy), role)) throw staysClosed();
  }

  private expiry(text: string | undefined): Date {
    const end = endOf(text === undefined ? null : new Date(text), this.clock.now());
    if (!end) throw endsOutOfBounds(INVITE_DAYS.most);
    return end;
  }
}

function changeOf({ id }: { id: string }, action: string, change: Record<string, unknown>) {
  return { action, target: id, change, topic: 'invite.changed', ids: { inviteId: id } } as const;
}

function dtoOf({ expiresAt, createdAt, ...invite }: Invite): InviteDto {
  return { ...invite, expiresAt: expiresAt?.toISOString() ?? null, createdAt: createdAt.toISOString() };
}
