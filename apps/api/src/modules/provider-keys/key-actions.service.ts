import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import type { KeyTestResult } from '#lib/contracts';
import type { Clock } from '#lib/kernel';
import { TenantDb } from '#lib/persistence';
import { recordChange } from '../../common/record-change.js';
import { CLOCK } from '../../common/tokens.js';
import { CatalogueSource } from '../catalog/index.js';
import { EngineClient } from './engine-client.js';
import { KeyRows } from './key-rows.js';
import { nothingToCallWith } from './provider-keys.errors.js';
import type { KeyTestResultDto, LiveModelListDto } from './provider-keys.responses.dto.js';

/** What needs a key's plaintext and is therefore done by the engine. */
@Injectable()
export class KeyActionsService {
  constructor(
    private readonly db: TenantDb,
    private readonly rows: KeyRows,
    private readonly engine: EngineClient,
    private readonly catalogue: CatalogueSource,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Tests a key over the real call path and keeps the result. A failing key is an answer, not an error (PRODUCT #19). */
  async test(principal: Principal, id: string): Promise<KeyTestResultDto> {
    const { orgId } = principal;
    const { lacksSecret } = await this.callable(principal, id);
    // Without a credential nothing is sent anywhere: a vendor's 401 would only say less clearly what we know.
    const result = lacksSecret ? withoutSecret(this.clock.now()) : await this.engine.test(principal, id);
    await this.db.withOrg(orgId, async (tx) => {
      await this.rows.get(tx, orgId, id);
      await this.rows.saveTest(tx, orgId, id, result);
      await recordChange(tx, principal, {
        action: 'aiProviders:TestAiProvider',
        target: id,
        change: { ok: result.ok, status: result.status },
        topic: 'provider-key.tested',
        ids: { aiProviderId: id },
      });
    });
    return result;
  }

  /** The models that the vendor lists for this key now (PRODUCT #12). */
  async models(principal: Principal, id: string): Promise<LiveModelListDto> {
    const { provider, lacksSecret } = await this.callable(principal, id);
    if (lacksSecret) throw nothingToCallWith();
    const live = await this.engine.listModels(principal, id);
    const catalogue = await this.db.withOrg(principal.orgId, (tx) => this.catalogue.current(tx));
    return {
      data: live.data.map((model) => ({
        id: model.id,
        inCatalogue: catalogue.model(provider, model.id) !== undefined,
      })),
    };
  }

  /** What matters of a key for a call with it. Throws not_found and plan_read_only. */
  private async callable(
    principal: Principal,
    id: string,
  ): Promise<{ provider: string; lacksSecret: boolean }> {
    return this.db.withOrg(principal.orgId, async (tx) => {
      const key = await this.rows.get(tx, principal.orgId, id);
      await this.rows.assertWritable(tx, principal.orgId, id);
      return { provider: key.provider, lacksSecret: await this.rows.lacksSecret(tx, key) };
    });
  }
}

function withoutSecret(now: Date): KeyTestResult {
  const { message } = nothingToCallWith();
  return {
    ok: false,
    status: 'auth_failed',
    latencyMs: 0,
    steps: [{ name: 'auth', ok: false, detail: message }],
    message,
    upstreamRequestId: null,
    testedAt: now.toISOString(),
  };
}
