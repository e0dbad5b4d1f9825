import { Injectable } from '@nestjs/common';
import type { OrgRole } from '#lib/contracts';
import { fromUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import type { PageWindow } from '../../common/paging.js';
import type { Invite, Maker } from './invite.js';

type NewInvite = Pick<Invite, 'id' | 'role' | 'expiresAt' | 'createdBy'> & { tokenHash: Buffer };

@Injectable()
export class InvitesRepository {
  async list(tx: TenantTx, { take, afterId }: PageWindow): Promise<Invite[]> {
    const where = afterId === undefined ? {} : { id: { gt: toUuid(afterId) } };
    return (await tx.invite.findMany({ where, take, orderBy: { id: 'asc' } })).map(inviteOf);
  }

  async insert(tx: TenantTx, orgId: string, invite: NewInvite): Promise<Invite> {
    const { id, role, expiresAt, createdBy, tokenHash } = invite;
    const ids = { orgId: toUuid(orgId), id: toUuid(id), createdBy: toUuid(createdBy) };
    return inviteOf(
      await tx.invite.create({ data: { ...ids, role, expiresAt, tokenHash: new Uint8Array(tokenHash) } }),
    );
  }

  /** The invite, locked until the end of the transaction. */
  async findLocked(tx: TenantTx, orgId: string, id: string): Promise<Invite | null> {
    await tx.$queryRaw`
      SELECT 1 FROM invites WHERE org_id = ${toUuid(orgId)}::uuid AND id = ${toUuid(id)}::uuid FOR UPDATE`;
    return this.find(tx, orgId, id);
  }

  async setEnabled(tx: TenantTx, orgId: string, id: string, enabled: boolean): Promise<void> {
    await tx.invite.updateMany({ where: key(orgId, id), data: { enabled } });
  }

  async remove(tx: TenantTx, orgId: string, id: string): Promise<boolean> {
    return (await tx.invite.deleteMany({ where: key(orgId, id) })).count === 1;
  }

  /** Counts one use and locks the row, if the link is still open: switching it off and using it queue up here. */
  async use(tx: TenantTx, orgId: string, id: string, now: Date): Promise<Invite | null> {
    const open = { enabled: true, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] };
    const [row] = await tx.invite.updateManyAndReturn({
      where: { ...key(orgId, id), ...open },
      data: { uses: { increment: 1 } },
    });
    return row ? inviteOf(row) : null;
  }

  /** The membership of who made a link, kept as it is until the end of the transaction; null: no member (any more). */
  async maker(tx: TenantTx, orgId: string, userId: string): Promise<Maker | null> {
    const rows = await tx.$queryRaw<Maker[]>`
      SELECT role, status FROM members
      WHERE org_id = ${toUuid(orgId)}::uuid AND user_id = ${toUuid(userId)}::uuid FOR SHARE`;
    return rows[0] ?? null;
  }

  async find(tx: TenantTx, orgId: string, id: string): Promise<Invite | null> {
    const row = await tx.invite.findUnique({ where: { orgId_id: key(orgId, id) } });
    return row && inviteOf(row);
  }

  async membershipStatus(tx: TenantTx, orgId: string, userId: string): Promise<string | null> {
    const where = { orgId_userId: { orgId: toUuid(orgId), userId: toUuid(userId) } };
    return (await tx.member.findUnique({ where, select: { status: true } }))?.status ?? null;
  }

  async insertPending(
    tx: TenantTx,
    orgId: string,
    member: { id: string; userId: string; role: OrgRole; inviteId: string },
  ): Promise<void> {
    const ids = { id: toUuid(member.id), userId: toUuid(member.userId), inviteId: toUuid(member.inviteId) };
    await tx.member.create({ data: { orgId: toUuid(orgId), ...ids, role: member.role, status: 'pending' } });
  }
}

function key(orgId: string, id: string): { orgId: string; id: string } {
  return { orgId: toUuid(orgId), id: toUuid(id) };
}

function inviteOf(row: Omit<Invite, 'role'> & { role: string }): Invite {
  const { enabled, expiresAt, uses, createdAt } = row;
  const ids = { id: fromUuid('inv', row.id), createdBy: fromUuid('usr', row.createdBy) };
  return { ...ids, role: row.role as OrgRole, enabled, expiresAt, uses, createdAt };
}
