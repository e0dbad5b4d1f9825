import { Inject, Injectable } from '@nestjs/common';
import { coversRow, type Principal } from '#lib/access';
import { callBaseUrl, type Catalogue, type ProviderRecord } from '#lib/catalog';
import { assertIfMatch, etagFor } from '#lib/http';
import type { Clock } from '#lib/kernel';
import { TenantDb, type TenantTx } from '#lib/persistence';
import { recordChange } from '../../common/record-change.js';
import type { Tagged } from '../../common/tagged.js';
import { CLOCK } from '../../common/tokens.js';
import type { CatalogueModelListDto, ProviderDto, ProviderListDto } from './catalog.dto.js';
import { unknownProvider } from './catalog.errors.js';
import { CatalogRepository, type KeyFacts } from './catalog.repository.js';
import { CatalogueSource } from './catalogue-source.js';
import { keyStatus, providerStatus } from './provider-status.js';

@Injectable()
export class CatalogService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: CatalogRepository,
    private readonly source: CatalogueSource,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(principal: Principal): Promise<ProviderListDto> {
    const { orgId } = principal;
    return this.db.withOrg(orgId, async (tx) => {
      const { providers } = await this.source.current(tx);
      const covered = providers.filter(({ slug }) => coversRow(principal, 'providers:ListProviders', slug));
      return { data: await this.present(tx, orgId, covered) };
    });
  }

  /** Opens or closes the organization's gate. Throws unknown_provider and precondition_failed. */
  async gate(
    principal: Principal,
    slug: string,
    enabled: boolean,
    ifMatch: string | undefined,
  ): Promise<Tagged<ProviderDto>> {
    const { orgId } = principal;
    return this.db.withOrg(orgId, async (tx) => {
      const provider = known(await this.source.current(tx), slug);
      await this.repository.lockGates(tx, orgId);
      const before = !(await this.repository.disabledProviders(tx, orgId)).includes(slug);
      assertIfMatch(ifMatch, gateTag(slug, before));
      if (enabled !== before) {
        await this.repository.setGate(tx, orgId, slug, enabled);
        await recordChange(tx, principal, {
          action: 'providers:GateProvider',
          target: slug,
          change: { enabled: [before, enabled] },
          topic: 'provider-gate.changed',
          ids: { provider: slug },
        });
      }
      const [dto] = await this.present(tx, orgId, [provider]);
      return { body: dto!, etag: gateTag(slug, enabled) };
    });
  }

  /** The models that the catalogue knows of a provider. Throws unknown_provider. */
  async models(orgId: string, slug: string): Promise<CatalogueModelListDto> {
    return this.db.withOrg(orgId, async (tx) => {
      const catalogue = await this.source.current(tx);
      return { data: catalogue.modelsOf(known(catalogue, slug).slug) };
    });
  }

  private async present(tx: TenantTx, orgId: string, providers: ProviderRecord[]): Promise<ProviderDto[]> {
    const disabled = await this.repository.disabledProviders(tx, orgId);
    const keys = await this.repository.keyFacts(tx, orgId);
    return providers.map((provider) =>
      toDto(provider, !disabled.includes(provider.slug), keys, this.clock.now()),
    );
  }
}

/** What a gate's write is about: open or closed. The rest of a provider is the platform's and its keys'. */
function gateTag(slug: string, enabled: boolean): string {
  return etagFor(slug, { enabled });
}

function known(catalogue: Catalogue, slug: string): ProviderRecord {
  const provider = catalogue.provider(slug);
  if (!provider) throw unknownProvider(catalogue);
  return provider;
}

function toDto(provider: ProviderRecord, orgEnabled: boolean, keys: KeyFacts[], now: Date): ProviderDto {
  const own = keys.filter((key) => key.provider === provider.slug);
  const statuses = own.map((key) => keyStatus({ ...key, needsSecret: provider.credential.required }, now));
  return {
    slug: provider.slug,
    name: provider.name,
    protocol: provider.protocol,
    protocolChoices: provider.protocolChoices,
    platformEnabled: provider.enabled,
    isOperatorMade: provider.isOperatorMade,
    orgEnabled,
    status: providerStatus(orgEnabled && provider.enabled, statuses),
    defaultModel: provider.defaultModel,
    surfaces: provider.surfaces,
    supportsTools: provider.supportsTools,
    supportsStreaming: provider.supportsStreaming,
    credential: provider.credential,
    baseUrl: provider.baseUrl,
    requiresBaseUrl: callBaseUrl(provider, null) === null,
    acceptsBaseUrl: provider.acceptsBaseUrl,
    consoleUrl: provider.consoleUrl,
  };
}
