import { Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import { newId, type SecretBytes } from '#lib/kernel';
import { TenantDb } from '#lib/persistence';
import { recordChange } from '../../common/record-change.js';
import type { Tagged } from '../../common/tagged.js';
import { PlanLimitsService } from '../plan-limits/index.js';
import { KeyIntake, type CheckedSettings } from './key-intake.js';
import { KeyRows } from './key-rows.js';
import { newSettings, type KeySettings, type SentSettings } from './provider-key.js';
import { ProviderKeysRepository } from './provider-keys.repository.js';
import { invalid, nameTaken } from './provider-keys.errors.js';
import type { HintDto, SavedProviderKeyDto } from './provider-keys.responses.dto.js';
import { settingsChange } from './provider-keys.view.js';

export interface NewKey {
  name: string;
  provider: string;
  settings: SentSettings;
  /** What was entered, packed; null when a stored secret is linked or none is needed. Wiped here. */
  entered: SecretBytes | null;
  secretId: string | undefined;
}

type Checked = CheckedSettings & { settings: KeySettings };

@Injectable()
export class CreateKeyService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: ProviderKeysRepository,
    private readonly rows: KeyRows,
    private readonly intake: KeyIntake,
    private readonly planLimits: PlanLimitsService,
  ) {}

  /**
   * Adds a key, usable nowhere until it is assigned (PRODUCT #26).
   * Throws validation_failed, egress_blocked, plan_limit_reached, name_taken, kms_unavailable; not_found and
   * secret_required about a linked secret.
   */
  async create(principal: Principal, input: NewKey): Promise<Tagged<SavedProviderKeyDto>> {
    try {
      return await this.prepareAndStore(principal, input);
    } finally {
      input.entered?.wipe();
    }
  }

  /**
   * What creating it would say, without sealing or storing anything: its hints, or what it throws, plan limits apart.
   * @param names those of other keys that are not there yet; this one's is added
   */
  async preview(principal: Principal, input: NewKey, names: Set<string>): Promise<HintDto[]> {
    try {
      const { hints } = await this.check(principal, input);
      const isTaken = await this.db.withOrg(principal.orgId, (tx) =>
        this.repository.hasName(tx, principal.orgId, input.name),
      );
      if (isTaken || names.has(input.name)) throw nameTaken();
      names.add(input.name);
      return hints;
    } finally {
      input.entered?.wipe();
    }
  }

  private async check(principal: Principal, input: NewKey): Promise<Checked> {
    const { orgId } = principal;
    if (input.entered && input.secretId !== undefined) throw invalid([BOTH_SECRETS]);
    this.intake.checkExpiry(input.settings.expiresAt);
    const known = await this.db.withOrg(orgId, (tx) => this.intake.provider(tx, input.provider));
    const settings = newSettings(known.provider.slug, input.name, input.settings);
    const checked = this.intake.check(known, settings, input.entered);
    await this.intake.guardUrl(orgId, input.settings.baseUrl);
    await this.intake.guardUrl(orgId, checked.tokenUri, '/secret');
    return { ...checked, settings };
  }

  private async prepareAndStore(principal: Principal, input: NewKey): Promise<Tagged<SavedProviderKeyDto>> {
    const { orgId } = principal;
    const { settings, ...checked } = await this.check(principal, input);
    const id = newId('aip');
    const secret = { orgId, secretId: newId('sec'), version: 1 };
    const prepared = input.entered && (await this.intake.seal(secret, checked.places, input.entered));

    return this.db.withOrg(orgId, async (tx) => {
      await this.planLimits.claim(tx, orgId, 'keys');
      const hints = [...checked.hints];
      if (prepared)
        hints.push(...(await this.intake.keep(tx, prepared, { id, name: input.name }, principal.userId)));
      if (input.secretId !== undefined) await this.intake.link(tx, orgId, input.secretId, checked.places);
      const secretId = prepared?.secretId ?? input.secretId ?? null;
      await this.repository.insert(tx, { ...settings, id, orgId, secretId }, principal.userId);
      const key = await this.rows.get(tx, orgId, id);
      await recordChange(tx, principal, {
        action: 'aiProviders:CreateAiProvider',
        target: id,
        change: { ...settingsChange({}, key), secretId, mask: key.secret?.mask ?? null },
        topic: 'provider-key.created',
        ids: { aiProviderId: id },
      });
      const { body, etag } = await this.rows.show(tx, principal, id);
      return { body: { ...body, hints }, etag };
    });
  }
}

const BOTH_SECRETS = { pointer: '/secretId', detail: 'Enter a secret or link a stored one, not both.' };
