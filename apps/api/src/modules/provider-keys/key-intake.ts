import { Inject, Injectable } from '@nestjs/common';
import {
  credentialFaults,
  findProvider,
  hintsForKey,
  originOf,
  originsFor,
  tokenUriOf,
  validateKeySettings,
  type Catalogue,
  type ProviderRecord,
} from '#lib/catalog';
import { notFound } from '#lib/contracts';
import { EgressGuard } from '#lib/egress';
import type { Clock, SecretBytes } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import { CLOCK } from '../../common/tokens.js';
import { CatalogueSource } from '../catalog/index.js';
import {
  readCredential,
  SecretSealer,
  SecretStore,
  type PreparedVersion,
  type VersionIdentity,
} from '../secrets/index.js';
import { mayGoTo, type KeySettings, type LinkedSecret } from './provider-key.js';
import {
  blockedAt,
  expiresInThePast,
  invalid,
  secretNotForKeys,
  secretNotForThese,
} from './provider-keys.errors.js';
import type { HintDto } from './provider-keys.responses.dto.js';

export interface CheckedSettings {
  provider: ProviderRecord;
  /** `scheme://host:port` of every place that calls with these settings go to. */
  places: string[];
  /** Where a service account gets its access tokens, as its file says. */
  tokenUri: string | null;
  hints: HintDto[];
}

/** Takes in what an OWNER entered: checks settings, seals secrets before any transaction, links stored ones inside it. */
@Injectable()
export class KeyIntake {
  constructor(
    private readonly catalogue: CatalogueSource,
    private readonly guard: EgressGuard,
    private readonly sealer: SecretSealer,
    private readonly store: SecretStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The provider that a body names, by slug or another system's type name. Throws validation_failed at /provider. */
  async provider(tx: TenantTx, slug: string): Promise<{ provider: ProviderRecord; catalogue: Catalogue }> {
    const catalogue = await this.catalogue.current(tx);
    const provider = findProvider(catalogue, slug);
    if ('pointer' in provider) throw invalid([provider]);
    return { provider, catalogue };
  }

  /** Checks settings that are about to be saved. Throws validation_failed with every fault; says what merely looks odd. */
  check(
    { provider, catalogue }: { provider: ProviderRecord; catalogue: Catalogue },
    settings: KeySettings,
    entered: SecretBytes | null,
  ): CheckedSettings {
    const baseUrl = settings.baseUrl ?? provider.baseUrl;
    const seen = entered
      ? readCredential(entered, ({ secret, secondSecret }) => ({
          hasSecondSecret: secondSecret !== undefined,
          hints: hintsForKey({ provider, baseUrl, secret, secondSecret }, catalogue),
          faults: credentialFaults(provider, secret, settings.config),
          tokenUri: tokenUriOf(provider, secret),
        }))
      : {
          hasSecondSecret: false,
          hints: hintsForKey({ provider, baseUrl }, catalogue),
          faults: [],
          tokenUri: null,
        };
    const { hasSecondSecret, hints, tokenUri } = seen;
    const faults = [...validateKeySettings({ ...settings, provider, hasSecondSecret }), ...seen.faults];
    if (faults.length > 0) throw invalid(faults);
    const places = withOrigin(originsFor(provider, settings.baseUrl, settings.config), tokenUri);
    return { provider, places, tokenUri, hints };
  }

  /** Refuses an expiry that is over as it is sent. One that was stored and has passed since stays. Throws validation_failed. */
  checkExpiry(expiresAt: string | undefined): void {
    if (expiresAt !== undefined && new Date(expiresAt) <= this.clock.now()) throw expiresInThePast();
  }

  /** Refuses an address that tenants may not reach. Throws egress_blocked at `pointer`. */
  async guardUrl(orgId: string, url: string | null | undefined, pointer = '/baseUrl'): Promise<void> {
    if (url === undefined || url === null) return;
    await this.guard.checkUrl(url, orgId).catch((error: unknown) => {
      throw blockedAt(pointer, error);
    });
  }

  /** Seals an entered credential for these places, and wipes it. Before the transaction: a KMS may be asked. */
  seal(
    identity: Omit<VersionIdentity, 'origins'>,
    origins: string[],
    entered: SecretBytes,
  ): Promise<PreparedVersion> {
    return this.sealer.prepare({ ...identity, origins }, entered);
  }

  /** Stores a sealed credential as a new secret of this key's own. */
  async keep(
    tx: TenantTx,
    prepared: PreparedVersion,
    key: { id: string; name: string },
    createdBy: string,
  ): Promise<HintDto[]> {
    await this.store.add(tx, prepared, { name: key.name, ownerKeyId: key.id, createdBy });
    return this.sameValueHints(tx, prepared);
  }

  /** Stores a sealed credential as the next version of the key's own secret. Throws conflict when another one came first. */
  async replace(
    tx: TenantTx,
    prepared: PreparedVersion,
    after: number,
    createdBy: string,
  ): Promise<HintDto[]> {
    await this.store.replace(tx, prepared, { after, createdBy });
    return this.sameValueHints(tx, prepared);
  }

  /**
   * Whether an entered secret may become the next version of the key's own. Not when another key is linked to it and the places
   * change: that key would lose its secret. Then the key gets a new one, and the old one stands alone from now on.
   */
  async mayReplace(tx: TenantTx, orgId: string, secret: LinkedSecret, places: string[]): Promise<boolean> {
    const samePlaces = places.length === secret.origins.length && mayGoTo(secret, places);
    return samePlaces || !(await this.store.isShared(tx, orgId, secret.id));
  }

  /** The number of the next version of a key's own secret. */
  async nextVersion(tx: TenantTx, orgId: string, secret: LinkedSecret | null): Promise<number> {
    return secret?.owned ? this.store.nextVersion(tx, orgId, secret.id) : 1;
  }

  /** Checks that a stored secret may be linked to a key that calls these places. Throws not_found and secret_required. */
  async link(tx: TenantTx, orgId: string, secretId: string, places: string[]): Promise<void> {
    const secret = await this.store.getLocked(tx, orgId, secretId);
    if (secret.purpose !== 'call') throw notFound();
    if (secret.forTools || secret.ownerServerId !== null) throw secretNotForKeys();
    if (!mayGoTo(secret, places)) throw secretNotForThese(places);
  }

  /** Lets go of a secret that the key no longer uses: destroyed when it was the key's own. */
  async release(tx: TenantTx, orgId: string, secretId: string, keyId: string): Promise<void> {
    await this.store.release(tx, orgId, secretId, keyId);
  }

  private async sameValueHints(tx: TenantTx, prepared: PreparedVersion): Promise<HintDto[]> {
    const names = await this.store.sameValue(tx, prepared);
    const detail = `The same value is stored already: ${names.map((name) => `"${name}"`).join(', ')}.`;
    return names.length === 0 ? [] : [{ pointer: '/secret', detail }];
  }
}

function withOrigin(places: string[], uri: string | null): string[] {
  const origin = uri === null ? null : originOf(uri);
  return origin === null ? places : [...new Set([...places, origin])].sort();
}
