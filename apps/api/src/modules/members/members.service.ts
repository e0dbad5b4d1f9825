import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import { notFound, type OrgRole } from '#lib/contracts';
import { assertIfMatch, etagFor, toPage, type Page, type PageQuery } from '#lib/http';
import { isId, type Clock } from '#lib/kernel';
import { TenantDb, type TenantTx } from '#lib/persistence';
import { coveredRows } from '../../common/covered-rows.js';
import { pageWindow } from '../../common/paging.js';
import { recordChange } from '../../common/record-change.js';
import type { Tagged } from '../../common/tagged.js';
import { CLOCK } from '../../common/tokens.js';
import { MEMBER_LIMIT, type MemberLimit } from './member-limit.js';
import { isLastOwner, outranksOrEquals, type Member } from './member.js';
import type { MemberDto } from './members.dto.js';
import { aboveYourRole, lastOwner, notPending, stillPending } from './members.errors.js';
import { MembersRepository } from './members.repository.js';

@Injectable()
export class MembersService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: MembersRepository,
    @Inject(MEMBER_LIMIT) private readonly limit: MemberLimit,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(principal: Principal, query: PageQuery): Promise<Page<MemberDto>> {
    const window = pageWindow('mem', query);
    return this.db.withOrg(principal.orgId, async (tx) => {
      const rows = await coveredRows(principal, 'members:ListMembers', window, (part) =>
        this.repository.list(tx, part),
      );
      const readOnly = await this.limit.readOnly(tx, 'members');
      return toPage(
        rows,
        query.limit,
        (row) => row.id,
        (row) => dtoOf(row, readOnly),
      );
    });
  }

  /** Lets a pending member in. Takes a place of the plan. */
  approve(
    principal: Principal,
    id: string,
    role: OrgRole | undefined,
    ifMatch: string | undefined,
  ): Promise<Tagged<MemberDto>> {
    return this.change(principal, id, ifMatch, async (tx, member) => {
      if (member.status === 'active') throw notPending();
      await this.limit.claim(tx, principal.orgId, 'members');
      const after = { ...member, role: role ?? member.role, status: 'active' as const };
      await this.save(tx, principal, after, 'members:ApproveMember', { role: after.role, status: 'active' });
      return after;
    });
  }

  changeRole(
    principal: Principal,
    id: string,
    role: OrgRole | undefined,
    ifMatch: string | undefined,
  ): Promise<Tagged<MemberDto>> {
    return this.change(principal, id, ifMatch, async (tx, member) => {
      if (role === undefined) return member;
      if (member.status === 'pending') throw stillPending();
      if (!outranksOrEquals(principal.role, role)) throw aboveYourRole();
      if (role === member.role) return member;
      if (!outranksOrEquals(member.role, role))
        await this.limit.assertWritable(tx, principal.orgId, 'members', id);
      if (role !== 'OWNER' && isLastOwner(member, await this.repository.countActiveOwners(tx)))
        throw lastOwner();
      const after = { ...member, role };
      await this.save(tx, principal, after, 'members:UpdateMember', {
        role: { before: member.role, after: role },
        ...(await this.endInvites(tx, principal.orgId, after)),
      });
      return after;
    });
  }

  async remove(principal: Principal, id: string, ifMatch: string | undefined): Promise<void> {
    await this.change(principal, id, ifMatch, async (tx, member) => {
      if (isLastOwner(member, await this.repository.countActiveOwners(tx))) throw lastOwner();
      await this.repository.remove(tx, principal.orgId, id);
      if (member.status === 'active') await this.limit.release(tx, principal.orgId, 'members');
      await recordChange(tx, principal, {
        action: 'members:RemoveMember',
        target: id,
        change: {
          ...{ role: member.role, status: member.status },
          ...(await this.endInvites(tx, principal.orgId, { userId: member.userId, role: null })),
        },
        topic: 'member.removed',
        ids: { memberId: id, userId: member.userId },
      });
      return member;
    });
  }

  /** Runs `fn` on a member of the caller's organization, with ranks locked; nobody changes somebody above themselves. */
  private change(
    principal: Principal,
    id: string,
    ifMatch: string | undefined,
    fn: (tx: TenantTx, member: Member) => Promise<Member>,
  ): Promise<Tagged<MemberDto>> {
    if (!isId('mem', id)) throw notFound();
    return this.db.withOrg(principal.orgId, async (tx) => {
      await this.repository.lockRanks(tx, principal.orgId);
      const member = await this.repository.find(tx, principal.orgId, id);
      if (!member) throw notFound();
      if (!outranksOrEquals(principal.role, member.role)) throw aboveYourRole();
      assertIfMatch(ifMatch, etagOfMember(member));
      const after = await fn(tx, member);
      return { body: dtoOf(after, await this.limit.readOnly(tx, 'members')), etag: etagOfMember(after) };
    });
  }

  /** A link counts only while its maker may make it; here it is switched off as well, so that the list shows it. */
  private async endInvites(
    tx: TenantTx,
    orgId: string,
    maker: { userId: string; role: OrgRole | null },
  ): Promise<{ invitesEnded?: number }> {
    const invitesEnded = await this.repository.endInvites(tx, orgId, maker);
    return invitesEnded > 0 ? { invitesEnded } : {};
  }

  private async save(
    tx: TenantTx,
    principal: Principal,
    member: Member,
    action: string,
    change: Record<string, unknown>,
  ): Promise<void> {
    const { id, role, status, userId } = member;
    await this.repository.update(tx, principal.orgId, id, { role, status, updatedAt: this.clock.now() });
    await recordChange(tx, principal, {
      action,
      target: id,
      change,
      topic: 'member.changed',
      ids: { memberId: id, userId },
    });
  }
}

/** Of what a change may change: that the plan has room for somebody is not among it. */
function etagOfMember(member: Member): string {
  return etagFor(member.id, { ...member, createdAt: member.createdAt.toISOString() });
}

function dtoOf({ createdAt, ...member }: Member, readOnly: ReadonlySet<string>): MemberDto {
  return { ...member, readOnly: readOnly.has(member.id), createdAt: createdAt.toISOString() };
}
