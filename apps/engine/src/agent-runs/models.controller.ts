import { Controller, Get, Inject, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { RequiresPermission } from '#lib/access';
import { listModels, pricedOnly } from '#lib/catalog';
import type { ModelList } from '#lib/contracts';
import { policyGate } from '#lib/limits';
import type { Clock } from '#lib/kernel';
import { withinDocument } from '../access/caller.js';
import { Call, type CurrentCall } from '../access/call-context.js';
import { WorkspaceGuard } from '../access/workspace.guard.js';
import { StateCache } from '../keys/state-cache.js';
import { CatalogueSource } from '../pipeline/catalogue-source.js';
import { CLOCK } from '../tokens.js';
import { ModelListResponse } from './models.dto.js';

@ApiTags('models')
@ApiParam({ name: 'workspaceId', type: String })
@UseGuards(WorkspaceGuard)
@Controller('workspaces/:workspaceId/models')
export class ModelsController {
  constructor(
    private readonly states: StateCache,
    private readonly catalogues: CatalogueSource,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @RequiresPermission('workspaces:ListModels')
  @ApiOperation({ summary: 'The models that the workspace may use, and why it may not use the others' })
  @ApiOkResponse({ type: ModelListResponse })
  async list(@Call() { stateKey }: CurrentCall): Promise<ModelList> {
    const state = withinDocument(await this.states.get(stateKey, 0), 'workspaces:ListModels');
    const now = this.clock.now();
    // Whatever surface and tools a call comes with: those are the call's business, not the models'.
    const catalogue = this.catalogues.current;
    const policies = pricedOnly(policyGate(state.policies, { now }), state, catalogue);
    return listModels(state, catalogue, now, policies);
  }
}
