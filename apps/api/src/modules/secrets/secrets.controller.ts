import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CurrentPrincipal, ListsRows, RequiresPermission, type Principal } from '#lib/access';
import { WhileRestored } from '../../restored/while-restored.js';
import { packCredential } from './secret.js';
import {
  CreateSecretDto,
  ListSecretsQuery,
  RotateSecretDto,
  SecretDto,
  SecretPageDto,
} from './secrets.dto.js';
import { SecretsService } from './secrets.service.js';

@Controller('secrets')
export class SecretsController {
  constructor(private readonly secrets: SecretsService) {}

  /** Lists the secrets of the organization, without their values. */
  @Get()
  @ListsRows()
  @RequiresPermission('secrets:ListSecrets')
  list(@CurrentPrincipal() principal: Principal, @Query() query: ListSecretsQuery): Promise<SecretPageDto> {
    return this.secrets.list(principal, query);
  }

  /** Stores a secret that stands alone, to be linked by keys. */
  @Post()
  @RequiresPermission('secrets:CreateSecret')
  create(@CurrentPrincipal() principal: Principal, @Body() body: CreateSecretDto): Promise<SecretDto> {
    const { name, origins, tools = false } = body;
    const packed = packCredential(body.secret, body.secondSecret);
    return this.secrets.create(principal, { name, places: origins, forTools: tools }, packed);
  }

  /** Replaces the value under a new version; the old one drains. */
  @Post(':id/rotate')
  @HttpCode(200)
  @RequiresPermission('secrets:RotateSecret')
  rotate(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() body: RotateSecretDto,
  ): Promise<SecretDto> {
    return this.secrets.rotate(principal, id, packCredential(body.secret, body.secondSecret));
  }

  /** Destroys the secret. Refused while a key uses it. */
  @Delete(':id')
  @WhileRestored()
  @HttpCode(204)
  @RequiresPermission('secrets:DeleteSecret')
  delete(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<void> {
    return this.secrets.delete(principal, id);
  }
}
