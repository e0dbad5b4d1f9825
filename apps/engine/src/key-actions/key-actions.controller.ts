import { Controller, HttpCode, Post, Req, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '#lib/access';
import {
  OWN_KMS_ACTION,
  type AnyTicket,
  type EngineTicket,
  type KeyTestResult,
  type TicketAction,
} from '#lib/contracts';
import { otherAction, TicketGuard } from '../access/ticket.strategy.js';
import { KeyTestResponse, LiveModelsResponse } from './key-actions.dto.js';
import { KeyActionsService } from './key-actions.service.js';

interface TicketRequest {
  user: AnyTicket;
}

/** For the control plane alone: public to the token guard, because a ticket is what lets in. */
@ApiTags('key-actions')
@UseGuards(TicketGuard)
@Controller('key-actions')
export class KeyActionsController {
  constructor(private readonly actions: KeyActionsService) {}

  @Post('test')
  @HttpCode(200)
  @Public()
  @ApiOperation({ summary: 'Pings a key’s model over the real call path (ticket of the control plane)' })
  @ApiOkResponse({ type: KeyTestResponse })
  test(@Req() { user }: TicketRequest): Promise<KeyTestResult> {
    return this.actions.test(forAction(user, 'test'));
  }

  @Post('list-models')
  @HttpCode(200)
  @Public()
  @ApiOperation({ summary: 'Lists what the vendor offers this key (ticket of the control plane)' })
  @ApiOkResponse({ type: LiveModelsResponse })
  async listModels(@Req() { user }: TicketRequest): Promise<LiveModelsResponse> {
    return { data: await this.actions.listModels(forAction(user, 'list-models')) };
  }
}

function forAction(ticket: AnyTicket, action: TicketAction): EngineTicket {
  if (ticket.action !== OWN_KMS_ACTION && ticket.action === action) return ticket;
  throw otherAction();
}
