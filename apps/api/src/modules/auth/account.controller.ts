import { Body, Controller, Delete, Get, HttpCode, Ip, Param, Post, Query } from '@nestjs/common';
import { CurrentAccount, RequiresPermission, type Account } from '#lib/access';
import { WhileRestored } from '../../restored/while-restored.js';
import {
  ActiveOrgDto,
  ChangePasswordDto,
  ListSessionsQuery,
  SessionDto,
  SessionPageDto,
} from './auth.dto.js';
import { AccountService } from './auth.service.js';
import { PasswordService } from './password.service.js';
import { SessionsService } from './sessions.service.js';

@Controller('auth')
export class AccountController {
  constructor(
    private readonly accounts: AccountService,
    private readonly passwords: PasswordService,
    private readonly sessions: SessionsService,
  ) {}

  @Get('me')
  @RequiresPermission('account:ReadSelf')
  me(@CurrentAccount() account: Account): Promise<SessionDto> {
    return this.accounts.describe(account);
  }

  /** Chooses the organization that this session works in. */
  @Post('active-org')
  @WhileRestored()
  @RequiresPermission('account:UpdateSelf')
  @HttpCode(200)
  activeOrg(@CurrentAccount() account: Account, @Body() input: ActiveOrgDto): Promise<SessionDto> {
    return this.accounts.activate(account, input.orgId);
  }

  /** Changes the password and ends all other sessions. */
  @Post('password')
  @WhileRestored()
  @RequiresPermission('account:UpdateSelf')
  @HttpCode(204)
  password(
    @CurrentAccount() account: Account,
    @Ip() ip: string,
    @Body() input: ChangePasswordDto,
  ): Promise<void> {
    return this.passwords.change(account, ip, input);
  }

  @Get('sessions')
  @RequiresPermission('account:ReadSelf')
  listSessions(
    @CurrentAccount() account: Account,
    @Query() query: ListSessionsQuery,
  ): Promise<SessionPageDto> {
    return this.sessions.list(account, query);
  }

  @Delete('sessions/:id')
  @WhileRestored()
  @RequiresPermission('account:UpdateSelf')
  @HttpCode(204)
  endSession(@CurrentAccount() account: Account, @Param('id') id: string): Promise<void> {
    return this.sessions.end(account, id);
  }
}
