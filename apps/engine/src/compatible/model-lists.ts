import { Inject, Injectable } from '@nestjs/common';
import { listModels, pricedOnly } from '#lib/catalog';
import type { AvailableModel } from '#lib/contracts';
import type { Clock } from '#lib/kernel';
import { policyGate } from '#lib/limits';
import { withinDocument } from '../access/caller.js';
import { StateCache } from '../keys/state-cache.js';
import { CatalogueSource } from '../pipeline/catalogue-source.js';
import { CLOCK } from '../tokens.js';
import type { Entered } from './entrance.js';
import type { WireName } from './wire.js';

/** No vendor says when our catalogue learnt of a model. */
const NO_DATE = '1970-01-01T00:00:00Z';

/** The models that the token's workspace may use, aliases included, as each vendor lists its own. */
@Injectable()
export class ModelLists {
  constructor(
    private readonly states: StateCache,
    private readonly catalogues: CatalogueSource,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list({ stateKey }: Entered, wire: WireName): Promise<object> {
    const state = withinDocument(await this.states.get(stateKey, 0), 'workspaces:ListModels');
    const now = this.clock.now();
    const catalogue = this.catalogues.current;
    const policies = pricedOnly(policyGate(state.policies, { now }), state, catalogue);
    const { data, aliases } = listModels(state, catalogue, now, policies);
    const named = aliases.flatMap(({ name, model, provider }) =>
      model === null || provider === null ? [] : [{ id: name, name, provider }],
    );
    return FORMS[wire]([...data, ...named]);
  }
}

type Listed = Pick<AvailableModel, 'id' | 'name' | 'provider'>;

const FORMS: Record<WireName, (models: Listed[]) => object> = {
  openai: (models) => ({
    object: 'list',
    data: models.map(({ id, provider }) => ({ id, object: 'model', created: 0, owned_by: provider })),
  }),
  anthropic: (models) => ({
    data: models.map(({ id, name }) => ({ type: 'model', id, display_name: name, created_at: NO_DATE })),
    has_more: false,
    first_id: models[0]?.id ?? null,
    last_id: models.at(-1)?.id ?? null,
  }),
  gemini: (models) => ({
    models: models.map(({ id, name }) => ({
      name: `models/${id}`,
      displayName: name,
      supportedGenerationMethods: ['generateContent', 'streamGenerateContent'],
    })),
  }),
};
