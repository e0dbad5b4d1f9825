import { Injectable } from '@nestjs/common';
import { roleAllows } from '#lib/access';
import type { OrgRole } from '#lib/contracts';
import { fromUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import type { PageWindow } from '../../common/paging.js';
import type { Member, MemberStatus } from './member.js';

interface MemberRow {
  id: string;
  userId: string;
  role: string;
  status: string;
  createdAt: Date;
}

@Injectable()
export class MembersRepository {
  async list(tx: TenantTx, { take, afterId }: PageWindow): Promise<Member[]> {
    const where = afterId === undefined ? {} : { id: { gt: toUuid(afterId) } };
    return this.named(tx, await tx.member.findMany({ where, take, orderBy: { id: 'asc' } }));
  }

  /**
   * Locks the organization's row, so that everybody who changes ranks queues here: two OWNERs cannot remove each other
   * at the same moment, each having counted the other.
   */
  async lockRanks(tx: TenantTx, orgId: string): Promise<void> {
    await tx.$queryRaw`SELECT 1 FROM orgs WHERE org_id = ${toUuid(orgId)}::uuid FOR UPDATE`;
  }

  async find(tx: TenantTx, orgId: string, id: string): Promise<Member | null> {
    const row = await tx.member.findUnique({ where: { orgId_id: { orgId: toUuid(orgId), id: toUuid(id) } } });
    return row ? ((await this.named(tx, [row]))[0] ?? null) : null;
  }

  countActiveOwners(tx: TenantTx): Promise<number> {
    return tx.member.count({ where: { role: 'OWNER', status: 'active' } });
  }

  async update(
    tx: TenantTx,
    orgId: string,
    id: string,
    data: { role: OrgRole; status: MemberStatus; updatedAt: Date },
  ): Promise<void> {
    await tx.member.update({ where: { orgId_id: { orgId: toUuid(orgId), id: toUuid(id) } }, data });
  }

  /** Their grants and tokens go with them. */
  async remove(tx: TenantTx, orgId: string, id: string): Promise<void> {
    await tx.member.delete({ where: { orgId_id: { orgId: toUuid(orgId), id: toUuid(id) } } });
  }

  /** Switches off the links that somebody of this role (null: none any more) may not make. Answers how many. */
  async endInvites(tx: TenantTx, orgId: string, { userId, role }: { userId: string; role: OrgRole | null }) {
    const invites = role && roleAllows(role, 'invites:CreateInvite') ? { role: 'OWNER' } : {};
    if (role === 'OWNER') return 0;
    const { count } = await tx.invite.updateMany({
      where: { orgId: toUuid(orgId), createdBy: toUuid(userId), enabled: true, ...invites },
      data: { enabled: false },
    });
    return count;
  }

  private async named(tx: TenantTx, rows: MemberRow[]): Promise<Member[]> {
    const ids = rows.map((row) => row.userId);
    const users = await tx.user.findMany({
      where: { id: { in: ids } },
      select: { id: true, email: true, name: true },
    });
    const byId = new Map(users.map((user) => [user.id, user]));
    return rows.map((row) => memberOf(row, byId.get(row.userId)));
  }
}

function memberOf(row: MemberRow, user: { email: string; name: string } | undefined): Member {
  return {
    id: fromUuid('mem', row.id),
    userId: fromUuid('usr', row.userId),
    name: user?.name ?? '',
    email: user?.email ?? '',
    role: row.role as OrgRole,
    status: row.status as MemberStatus,
    createdAt: row.createdAt,
  };
}
