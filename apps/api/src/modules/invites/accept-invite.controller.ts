import { Body, Controller, Get, Headers, Inject, Param, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { MaybeAccount, OptionalSession, Public, PUBLIC_URL, type Account } from '#lib/access';
import { setSessionCookie } from '../auth/index.js';
import { AcceptInviteService } from './accept-invite.service.js';
import { AcceptedInviteDto, AcceptInviteDto, InvitePreviewDto } from './invites.dto.js';
import { JoinService, type Acceptance } from './join.service.js';

@Controller('invites/:token/accept')
export class AcceptInviteController {
  constructor(
    private readonly invites: AcceptInviteService,
    private readonly joining: JoinService,
    @Inject(PUBLIC_URL) private readonly publicUrl: string,
  ) {}

  /** What accepting would mean: whose organization, and the role asked for. */
  @Get()
  @Public()
  preview(@Param('token') token: string): Promise<InvitePreviewDto> {
    return this.invites.preview(token);
  }

  /** Asks to join, with the session's account or with a new one; an OWNER approves next. */
  @Post()
  @OptionalSession()
  async accept(
    @Param('token') token: string,
    @MaybeAccount() account: Account | null,
    @Body() input: AcceptInviteDto,
    @Headers('user-agent') userAgent: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AcceptedInviteDto> {
    return this.answer(reply, await this.joining.accept(token, account, input, userAgent ?? null));
  }

  private answer(reply: FastifyReply, { token, body }: Acceptance): AcceptedInviteDto {
    if (token !== null) setSessionCookie(reply, this.publicUrl, token);
    return body;
  }
}
