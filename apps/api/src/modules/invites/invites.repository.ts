import { Injectable } from '@nestjs/common';
import type { OrgRole } from '#lib/contracts';
import { fromUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import type { PageWindow } from '../../common/paging.js';
import type { Invite } from './invite.js';

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

  async setEnabled(tx: TenantTx, orgId: string, id: string, enabled: boolean): Promise<Invite | null> {
    const [row] = await tx.invite.updateManyAndReturn({ where: key(orgId, id), data: { enabled } });
    return row ? inviteOf(row) : null;
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
