import { Inject, Injectable } from '@nestjs/common';
import type { Account } from '#lib/access';
import type { OrgRole } from '#lib/contracts';
import { hashPassword, newId, sha256, type Clock } from '#lib/kernel';
import { Lookups, TenantDb, type InviteRow, type NewUser, type TenantTx } from '#lib/persistence';
import { recordChange } from '../../common/record-change.js';
import { CLOCK } from '../../common/tokens.js';
import { emailTaken, normalizeEmail } from '../onboarding/index.js';
import { hasEnded, mayInvite } from './invite.js';
import type { AcceptInviteDto, InvitePreviewDto } from './invites.dto.js';
import {
  alreadyMember,
  inviteClosed,
  inviteExpired,
  makerMayNotInvite,
  newAccountIncomplete,
} from './invites.errors.js';
import { InvitesRepository } from './invites.repository.js';

/** Who joined, and where: pending until an OWNER approves. */
export interface Joined {
  memberId: string;
  org: { id: string; name: string };
  user: { id: string; email: string; name: string };
}

/** What somebody with a link does with it (PRODUCT #4). */
@Injectable()
export class AcceptInviteService {
  constructor(
    private readonly db: TenantDb,
    private readonly lookups: Lookups,
    private readonly repository: InvitesRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async preview(token: string): Promise<InvitePreviewDto> {
    const { id, org, role } = await this.open(token);
    await this.db.withOrg(org.id, (tx) => this.assertMaker(tx, org.id, id));
    return { orgName: org.name, role };
  }

  /** A signed-in person asks to join. */
  async join(token: string, account: Account): Promise<Joined> {
    const invite = await this.open(token);
    const user = { id: account.userId, email: account.email, name: account.name };
    return this.db.withOrg(invite.org.id, (tx) => this.addPending(tx, invite, user));
  }

  /** A new person makes an account and asks to join, in one transaction. */
  async joinAsNew(token: string, input: AcceptInviteDto): Promise<Joined> {
    const invite = await this.open(token);
    const user = await newUser(input);
    return this.db.withOrg(invite.org.id, async (tx) => {
      if (!(await this.lookups.createUser(user, tx))) throw emailTaken();
      return this.addPending(tx, invite, { id: user.id, email: user.email, name: user.name });
    });
  }

  private async open(token: string): Promise<InviteRow> {
    const invite = await this.lookups.invite(sha256(token));
    if (!invite?.enabled) throw inviteClosed();
    if (invite.expiresAt && hasEnded(invite, this.clock.now())) throw inviteExpired(invite.expiresAt);
    return invite;
  }

  /**
   * A link ends with its maker's right to make it, whether or not anybody switched it off. Asked before the link is locked, as
   * in a demotion: its maker's row first, then the link's.
   */
  private async assertMaker(tx: TenantTx, orgId: string, inviteId: string): Promise<void> {
    const invite = await this.repository.find(tx, orgId, inviteId);
    if (!invite) throw inviteClosed();
    if (!mayInvite(await this.repository.maker(tx, orgId, invite.createdBy), invite.role))
      throw makerMayNotInvite();
  }

  private async addPending(tx: TenantTx, { id, org }: InviteRow, user: Joined['user']): Promise<Joined> {
    const status = await this.repository.membershipStatus(tx, org.id, user.id);
    if (status !== null) throw alreadyMember(status);
    await this.assertMaker(tx, org.id, id);
    const invite = await this.repository.use(tx, org.id, id, this.clock.now());
    if (!invite) throw inviteClosed();
    const memberId = newId('mem');
    await this.repository.insertPending(tx, org.id, {
      id: memberId,
      userId: user.id,
      role: invite.role,
      inviteId: id,
    });
    await recordChange(
      tx,
      { orgId: org.id, userId: user.id },
      joinedChange(memberId, user.id, id, invite.role),
    );
    return { memberId, org, user };
  }
}

function joinedChange(memberId: string, userId: string, inviteId: string, role: OrgRole) {
  const ids = { memberId, userId, inviteId };
  return {
    action: 'invites:AcceptInvite',
    target: memberId,
    change: { role, status: 'pending' },
    topic: 'member.joined',
    ids,
  } as const;
}

async function newUser({ email, password, name }: AcceptInviteDto): Promise<NewUser> {
  if (email === undefined || password === undefined || name === undefined) {
    const given = { email, password, name };
    throw newAccountIncomplete(
      Object.keys(given).filter((field) => given[field as keyof typeof given] === undefined),
    );
  }
  return { id: newId('usr'), email: normalizeEmail(email), name, passwordHash: await hashPassword(password) };
}
