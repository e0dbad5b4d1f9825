import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CurrentPrincipal, ListsRows, RequiresPermission, type Principal } from '#lib/access';
import { Conditional, IfMatch } from '../../common/if-match.js';
import { withETag } from '../../common/tagged.js';
import { only, WhileRestored } from '../../restored/while-restored.js';
import { CreateKeyService } from './create-key.service.js';
import { DeleteKeyService } from './delete-key.service.js';
import {
  CreateProviderKeyDto,
  DeleteProviderKeyQuery,
  ListProviderKeysQuery,
  UpdateProviderKeyDto,
} from './provider-keys.dto.js';
import { keyPatchFrom, newKeyFrom } from './provider-keys.input.js';
import {
  KeyDependentsDto,
  KeyVersionListDto,
  ProviderKeyDto,
  ProviderKeyPageDto,
  SavedProviderKeyDto,
} from './provider-keys.responses.dto.js';
import { ProviderKeysService } from './provider-keys.service.js';
import { UpdateKeyService } from './update-key.service.js';

@Controller('ai-providers')
export class ProviderKeysController {
  constructor(
    private readonly keys: ProviderKeysService,
    private readonly creation: CreateKeyService,
    private readonly changes: UpdateKeyService,
    private readonly deletion: DeleteKeyService,
  ) {}

  /** Lists the organization's provider keys, without their secrets. */
  @Get()
  @ListsRows()
  @RequiresPermission('aiProviders:ListAiProviders')
  list(
    @CurrentPrincipal() principal: Principal,
    @Query() query: ListProviderKeysQuery,
  ): Promise<ProviderKeyPageDto> {
    return this.keys.list(principal, query);
  }

  /** Adds a key. It is usable nowhere until it is assigned to a workspace. */
  @Post()
  @RequiresPermission('aiProviders:CreateAiProvider')
  create(
    @CurrentPrincipal() principal: Principal,
    @Body() body: CreateProviderKeyDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SavedProviderKeyDto> {
    return withETag(reply, this.creation.create(principal, newKeyFrom(body)));
  }

  @Get(':id')
  @RequiresPermission('aiProviders:GetAiProvider')
  get(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProviderKeyDto> {
    return withETag(reply, this.keys.get(principal, id));
  }

  /** Changes what is sent; an omitted field keeps its value, `clear` removes one. */
  @Patch(':id')
  @WhileRestored(only('enabled', false))
  @Conditional()
  @RequiresPermission('aiProviders:UpdateAiProvider')
  update(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() body: UpdateProviderKeyDto,
    @Res({ passthrough: true }) reply: FastifyReply,
    @IfMatch() ifMatch?: string,
  ): Promise<SavedProviderKeyDto> {
    return withETag(reply, this.changes.update(principal, id, keyPatchFrom(body), ifMatch));
  }

  /** Deletes a key and erases its secret. Refused while workspaces use it, unless forced. */
  @Delete(':id')
  @WhileRestored()
  @Conditional()
  @HttpCode(204)
  @RequiresPermission('aiProviders:DeleteAiProvider')
  delete(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Query() query: DeleteProviderKeyQuery,
    @IfMatch() ifMatch?: string,
  ): Promise<void> {
    return this.deletion.delete(principal, id, query.force === 'true', ifMatch);
  }

  /** Lists the versions of the key's secret, newest first. */
  @Get(':id/versions')
  @RequiresPermission('aiProviders:GetAiProvider')
  versions(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<KeyVersionListDto> {
    return this.keys.versions(principal, id);
  }

  /** Says which workspaces use the key: what a forced deletion would take it from. */
  @Get(':id/dependents')
  @RequiresPermission('aiProviders:GetAiProvider')
  dependents(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<KeyDependentsDto> {
    return this.keys.dependents(principal, id);
  }
}
