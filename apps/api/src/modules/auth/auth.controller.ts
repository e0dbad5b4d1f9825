import { Body, Controller, Headers, HttpCode, Inject, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { PUBLIC_URL, CurrentAccount, Public, RequiresPermission, type Account } from '#lib/access';
import { WhileRestored } from '../../restored/while-restored.js';
import { AuthService, type SignedIn } from './auth.service.js';
import { LoginDto, SessionDto, SignupDto } from './auth.dto.js';
import { clearSessionCookie, setSessionCookie } from './session-cookie.js';
import { SessionsService } from './sessions.service.js';

@Controller('auth')
export class AuthController {
  constructor(
    private readonly auth: AuthService,
    private readonly sessions: SessionsService,
    @Inject(PUBLIC_URL) private readonly publicUrl: string,
  ) {}

  /** Makes an account, an organization that it owns and a default workspace, and signs in. */
  @Post('signup')
  @Public()
  async signUp(
    @Body() input: SignupDto,
    @Headers('user-agent') userAgent: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SessionDto> {
    return this.start(reply, await this.auth.signUp(input, userAgent ?? null));
  }

  @Post('login')
  @WhileRestored()
  @Public()
  @HttpCode(200)
  async logIn(
    @Body() input: LoginDto,
    @Headers('user-agent') userAgent: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SessionDto> {
    return this.start(reply, await this.auth.logIn(input, userAgent ?? null));
  }

  /** Ends this session. */
  @Post('logout')
  @WhileRestored()
  @RequiresPermission('account:UpdateSelf')
  @HttpCode(204)
  async logOut(
    @CurrentAccount() account: Account,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    clearSessionCookie(reply, this.publicUrl);
    await this.sessions.end(account, account.sessionId);
  }

  private start(reply: FastifyReply, { token, body }: SignedIn): SessionDto {
    setSessionCookie(reply, this.publicUrl, token);
    return body;
  }
}
