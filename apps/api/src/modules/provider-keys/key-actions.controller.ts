import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { CurrentPrincipal, RequiresPermission, type Principal } from '#lib/access';
import { packCredential } from '../secrets/index.js';
import { KeyHealthDto } from './key-health.dto.js';
import { KeyHealthService } from './key-health.service.js';
import { KeyActionsService } from './key-actions.service.js';
import { RotateProviderKeyDto } from './provider-keys.dto.js';
import { KeyTestResultDto, LiveModelListDto, RotationResultDto } from './provider-keys.responses.dto.js';
import { RotateKeyService } from './rotate-key.service.js';

@Controller('ai-providers')
export class KeyActionsController {
  constructor(
    private readonly actions: KeyActionsService,
    private readonly rotation: RotateKeyService,
    private readonly healths: KeyHealthService,
  ) {}

  /** Tests the key with a 1-token call over the engine's real path. A failing key answers 200 with `ok: false`. */
  @Post(':id/test')
  @HttpCode(200)
  @RequiresPermission('aiProviders:TestAiProvider')
  test(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<KeyTestResultDto> {
    return this.actions.test(principal, id);
  }

  /** Seals a new secret, tests it, and only then puts it in place of the old one; refused, the old one stays (`ok: false`). */
  @Post(':id/rotate')
  @HttpCode(200)
  @RequiresPermission('aiProviders:RotateAiProvider')
  rotate(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() body: RotateProviderKeyDto,
  ): Promise<RotationResultDto> {
    return this.rotation.rotate(principal, id, packCredential(body.secret, body.secondSecret));
  }

  /** What the vendor said to the key lately: refusals, failures, tests, and the successes that ended them. */
  @Get(':id/health')
  @RequiresPermission('aiProviders:GetAiProvider')
  health(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<KeyHealthDto> {
    return this.healths.get(principal, id);
  }

  /** Asks the vendor which models this key may use. */
  @Get(':id/models')
  @RequiresPermission('aiProviders:ListAiProviderModels')
  models(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<LiveModelListDto> {
    return this.actions.models(principal, id);
  }
}
