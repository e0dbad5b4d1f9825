import { Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import { assertIfMatch, etagOf } from '#lib/http';
import { newId, type SecretBytes } from '#lib/kernel';
import { TenantDb, type TenantTx } from '#lib/persistence';
import { assertNotSetAndCleared } from '../../common/patch.js';
import { recordChange } from '../../common/record-change.js';
import type { Tagged } from '../../common/tagged.js';
import type { PreparedVersion } from '../secrets/index.js';
import { KeyIntake, type CheckedSettings } from './key-intake.js';
import { KeyRows } from './key-rows.js';
import {
  keepsSecret,
  mayGoTo,
  patchSettings,
  secretMove,
  type ClearableField,
  type ProviderKey,
  type SecretMove,
  type SentSettings,
} from './provider-key.js';
import { changedMeanwhile, invalid, secretRequired } from './provider-keys.errors.js';
import { ProviderKeysRepository } from './provider-keys.repository.js';
import type { HintDto, SavedProviderKeyDto } from './provider-keys.responses.dto.js';
import { settingsChange } from './provider-keys.view.js';

export interface KeyPatch {
  settings: SentSettings;
  entered: SecretBytes | null;
  secretId: string | undefined;
  clear: ClearableField[];
}

/** What a patch comes to, on the key as it was read. */
interface Plan {
  before: ProviderKey;
  after: ProviderKey;
  move: SecretMove;
  checked: CheckedSettings;
  /** The number of the next version of the key's own secret. */
  nextVersion: number;
}

@Injectable()
export class UpdateKeyService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: ProviderKeysRepository,
    private readonly rows: KeyRows,
    private readonly intake: KeyIntake,
  ) {}

  /**
   * Changes what is sent (PRODUCT #18). A new place to call needs the secret again: secret_required (CUSTODY §1).
   * Throws not_found, precondition_failed, plan_read_only, validation_failed, egress_blocked, name_taken, conflict, kms_unavailable.
   */
  async update(
    principal: Principal,
    id: string,
    patch: KeyPatch,
    ifMatch: string | undefined,
  ): Promise<Tagged<SavedProviderKeyDto>> {
    try {
      const { orgId } = principal;
      const plan = await this.db.withOrg(orgId, async (tx) => {
        const key = await this.rows.get(tx, orgId, id);
        assertIfMatch(ifMatch, etagOf(id, key.revision));
        if (!onlyDisables(patch)) await this.rows.assertWritable(tx, orgId, id);
        this.intake.checkExpiry(patch.settings.expiresAt);
        return this.plan(tx, key, patch);
      });
      await this.intake.guardUrl(orgId, patch.settings.baseUrl);
      await this.intake.guardUrl(orgId, plan.checked.tokenUri, '/secret');
      const prepared = patch.entered && (await this.seal(plan, patch.entered));
      return await this.db.withOrg(orgId, (tx) =>
        this.write(tx, principal, { ...plan, patch, prepared, ifMatch }),
      );
    } finally {
      patch.entered?.wipe();
    }
  }

  private async plan(tx: TenantTx, before: ProviderKey, patch: KeyPatch): Promise<Plan> {
    const { settings, entered, secretId, clear } = patch;
    const sent = { ...settings, secret: entered ?? undefined, secretId };
    assertNotSetAndCleared(sent, clear);
    const after = { ...before, ...patchSettings(before, settings, clear) };
    const known = await this.intake.provider(tx, before.provider);
    const checked = this.intake.check(known, after, entered);
    const asked = secretMove(before.secret, { entered: entered !== null, secretId, clear });
    const own = asked.kind === 'replace' ? before.secret : null;
    const fresh = own && !(await this.intake.mayReplace(tx, before.orgId, own, checked.places));
    const move: SecretMove = fresh ? { kind: 'enter' } : asked;
    if (move.kind === 'keep') assertKept(before, checked.places, clear);
    const nextVersion = await this.intake.nextVersion(tx, before.orgId, before.secret);
    return { before, after, move, checked, nextVersion };
  }

  private seal({ before, move, checked, nextVersion }: Plan, entered: SecretBytes): Promise<PreparedVersion> {
    const { orgId } = before;
    const identity =
      move.kind === 'replace'
        ? { orgId, secretId: move.secretId, version: nextVersion }
        : { orgId, secretId: newId('sec'), version: 1 };
    return this.intake.seal(identity, checked.places, entered);
  }

  /** Plans once more on the locked row, as somebody may have changed it since, and writes what comes out. */
  private async write(
    tx: TenantTx,
    principal: Principal,
    todo: Plan & { patch: KeyPatch; prepared: PreparedVersion | null; ifMatch: string | undefined },
  ): Promise<Tagged<SavedProviderKeyDto>> {
    const { orgId } = principal;
    const { id } = todo.before;
    const key = await this.rows.getLocked(tx, orgId, id);
    assertIfMatch(todo.ifMatch, etagOf(id, key.revision));
    if (!onlyDisables(todo.patch)) await this.rows.assertWritable(tx, orgId, id);
    const changed = key.revision !== todo.before.revision;
    // What was entered is wiped by now: a second plan could not check it again, so a sealed secret needs the row unchanged.
    if (changed && todo.prepared) throw changedMeanwhile();
    const plan = changed ? await this.plan(tx, key, todo.patch) : todo;
    const { before, move, checked } = plan;
    const idle = keepsSecret(before.secret, move) && isEmpty(settingsChange(before, plan.after));
    if (idle) return this.show(tx, principal, id, checked.hints);
    const hints = await this.moveSecret(tx, principal, plan, todo.prepared);
    const after = await this.rows.get(tx, orgId, id);
    await recordChange(tx, principal, {
      action: 'aiProviders:UpdateAiProvider',
      target: id,
      change: { ...settingsChange(before, after), ...secretChange(before, after) },
      topic: 'provider-key.updated',
      ids: { aiProviderId: id },
    });
    return this.show(tx, principal, id, [...checked.hints, ...hints]);
  }

  private async show(
    tx: TenantTx,
    principal: Principal,
    id: string,
    hints: HintDto[],
  ): Promise<Tagged<SavedProviderKeyDto>> {
    const { body, etag } = await this.rows.show(tx, principal, id);
    return { body: { ...body, hints }, etag };
  }

  private async moveSecret(
    tx: TenantTx,
    principal: Principal,
    { before, after, move, checked }: Plan,
    prepared: PreparedVersion | null,
  ): Promise<HintDto[]> {
    const { orgId, userId } = principal;
    const old = before.secret?.id ?? null;
    let secretId = old;
    let hints: HintDto[] = [];
    if (move.kind === 'enter' && prepared) {
      secretId = prepared.secretId;
      hints = await this.intake.keep(tx, prepared, after, userId);
    } else if (move.kind === 'replace' && prepared) {
      hints = await this.intake.replace(tx, prepared, move.after, userId);
    } else if (move.kind === 'link') {
      secretId = move.secretId;
      await this.intake.link(tx, orgId, move.secretId, checked.places);
    } else if (move.kind === 'detach') {
      secretId = null;
    }
    await this.repository.update(tx, { ...after, secretId });
    if (move.kind !== 'keep') await this.repository.forgetTest(tx, orgId, before.id);
    if (old && old !== secretId) await this.intake.release(tx, orgId, old, before.id);
    return hints;
  }
}

/** Taking a key out of use is open to one that exceeds the plan as well. */
function onlyDisables({ settings, entered, secretId, clear }: KeyPatch): boolean {
  const sent = Object.entries(settings).filter(([, value]) => value !== undefined);
  const disables = sent.length === 1 && settings.enabled === false;
  return disables && entered === null && secretId === undefined && clear.length === 0;
}

function isEmpty(change: object): boolean {
  return Object.keys(change).length === 0;
}

/** Refuses what cannot be done to a secret that stays as it is. */
function assertKept(key: ProviderKey, places: string[], clear: readonly ClearableField[]): void {
  if (clear.includes('secondSecret')) throw invalid([SECOND_ALONE]);
  if (key.secret && !mayGoTo(key.secret, places)) throw secretRequired(places);
}

const SECOND_ALONE = {
  pointer: '/clear',
  detail:
    'The two secrets are sealed together. To remove the second one, send the first one again without it.',
};

function secretChange(before: ProviderKey, after: ProviderKey): Record<string, unknown> {
  const [old, now] = [before.secret, after.secret];
  if (old?.id === now?.id && old?.version === now?.version) return {};
  return {
    secretId: [old?.id ?? null, now?.id ?? null],
    secretVersion: [old?.version ?? null, now?.version ?? null],
    mask: [old?.mask ?? null, now?.mask ?? null],
  };
}
