import { Injectable } from '@nestjs/common';
import type { Account } from '#lib/access';
import { requestContext } from '#lib/http';
import { AccountService, AuthService, AuthThrottle } from '../auth/index.js';
import { AcceptInviteService, type Joined } from './accept-invite.service.js';
import type { AcceptedInviteDto, AcceptInviteDto } from './invites.dto.js';

/** An accepted invite; `token` is a new session's, for a person who had none. */
export interface Acceptance {
  token: string | null;
  body: AcceptedInviteDto;
}

/** Accepting a link, with or without a session. */
@Injectable()
export class JoinService {
  constructor(
    private readonly invites: AcceptInviteService,
    private readonly auth: AuthService,
    private readonly accounts: AccountService,
    private readonly throttle: AuthThrottle,
  ) {}

  async accept(
    token: string,
    account: Account | null,
    input: AcceptInviteDto,
    userAgent: string | null,
  ): Promise<Acceptance> {
    if (account) {
      const joined = await this.invites.join(token, account);
      return { token: null, body: bodyOf(joined, await this.accounts.describe(account)) };
    }
    await this.throttle.countAddress(requestContext.ip);
    const joined = await this.invites.joinAsNew(token, input);
    const signedIn = await this.auth.signIn(joined.user, joined.org.id, userAgent);
    return { token: signedIn.token, body: bodyOf(joined, signedIn.body) };
  }
}

function bodyOf({ memberId, org }: Joined, session: AcceptedInviteDto['session']): AcceptedInviteDto {
  return { memberId, orgId: org.id, orgName: org.name, status: 'pending', session };
}
