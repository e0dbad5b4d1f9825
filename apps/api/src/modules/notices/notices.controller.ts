import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CurrentPrincipal, ListsRows, RequiresPermission, type Principal } from '#lib/access';
import { ListNoticesQuery, NoticePageDto } from './notices.dto.js';
import { NoticesService } from './notices.service.js';

@Controller('notices')
export class NoticesController {
  constructor(private readonly notices: NoticesService) {}

  /** What the OWNERs should know now: for each key that ends soon or has ended, its latest notice, until somebody dismisses it. */
  @Get()
  @ListsRows()
  @RequiresPermission('notices:ListNotices')
  list(@CurrentPrincipal() principal: Principal, @Query() query: ListNoticesQuery): Promise<NoticePageDto> {
    return this.notices.list(principal, query);
  }

  /** Dismisses a notice for every OWNER. The next threshold, or another date, brings a new one. */
  @Post(':id/dismiss')
  @HttpCode(204)
  @RequiresPermission('notices:DismissNotice')
  dismiss(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<void> {
    return this.notices.dismiss(principal, id);
  }
}
