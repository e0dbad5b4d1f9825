import { Controller, HttpCode, Post, Req, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '#lib/access';
import { OWN_KMS_ACTION, type AnyTicket, type OwnKmsCheck } from '#lib/contracts';
import { otherAction, TicketGuard } from '../access/ticket.strategy.js';
import { OwnKmsCheckResponse } from './own-kms.dto.js';
import { OwnKmsService } from './own-kms.service.js';

/** For the control plane alone: public to the token guard, because a ticket is what lets in. */
@ApiTags('key-actions')
@UseGuards(TicketGuard)
@Controller('key-actions')
export class OwnKmsController {
  constructor(private readonly ownKms: OwnKmsService) {}

  @Post(OWN_KMS_ACTION)
  @HttpCode(200)
  @Public()
  @ApiOperation({
    summary: 'Whether the engine opens what the api wraps under an organization’s own KMS key',
  })
  @ApiOkResponse({ type: OwnKmsCheckResponse })
  check(@Req() { user }: { user: AnyTicket }): Promise<OwnKmsCheck> {
    if (user.action !== OWN_KMS_ACTION) throw otherAction();
    return this.ownKms.check(user);
  }
}
