import { Inject, Injectable } from '@nestjs/common';
import {
  findProvider,
  hintsForKey,
  originsFor,
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
import { atBaseUrl, expiresInThePast, invalid, secretNotForThese } from './provider-keys.errors.js';
import type { HintDto } from './provider-keys.responses.dto.js';

export interface CheckedSettings {
  provider: ProviderRecord;
  /** `scheme://host:port` of every place that calls with these settings go to. */
  places: string[];
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
    const [hasSecondSecret, hints] = entered
      ? readCredential(entered, ({ secret, secondSecret }) => [
          secondSecret !== undefined,
          hintsForKey({ provider, baseUrl, secret, secondSecret }, catalogue),
        ])
      : [false, hintsForKey({ provider, baseUrl }, catalogue)];
    const faults = validateKeySettings({ ...settings, provider, hasSecondSecret });
    if (faults.length > 0) throw invalid(faults);
    return {
      provider,
      places: originsFor(provider, settings.baseUrl, settings.config),
      hints: [...hints, ...limitHints(settings)],
    };
  }

  /** Refuses an expiry that is over as it is sent. One that was stored and has passed since stays. Throws validation_failed. */
  checkExpiry(expiresAt: string | undefined): void {
    if (expiresAt !== undefined && new Date(expiresAt) <= this.clock.now()) throw expiresInThePast();
  }

  /** Refuses a base URL that tenants may not reach. Throws egress_blocked at /baseUrl. */
  async guardUrl(orgId: string, baseUrl: string | undefined): Promise<void> {
    if (baseUrl === undefined) return;
    await this.guard.checkUrl(baseUrl, orgId).catch((error: unknown) => {
      throw atBaseUrl(error);
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

function limitHints({ limits }: KeySettings): HintDto[] {
  if (limits === null || Object.keys(limits).length === 0) return [];
  const detail =
    'This version keeps these limits and shows them, but does not enforce them yet: calls are not held back. Set the limit at the vendor as well.';
  return [{ pointer: '/limits', detail }];
}
