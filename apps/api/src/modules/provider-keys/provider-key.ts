import type { KeyLimits, TestStatus } from '#lib/contracts';
import { patched } from '../../common/patch.js';

/** Fields that a PATCH may remove by naming them in `clear`. */
export const CLEARABLE_FIELDS = [
  'secret',
  'secondSecret',
  'secretId',
  'baseUrl',
  'defaultModel',
  'models',
  'config',
  'expiresAt',
  'limits',
] as const;
export type ClearableField = (typeof CLEARABLE_FIELDS)[number];

/** What of a key an OWNER sets, beside its secret. */
export interface KeySettings {
  name: string;
  provider: string;
  baseUrl: string | null;
  defaultModel: string | null;
  models: string[];
  config: Record<string, unknown>;
  enabled: boolean;
  expiresAt: Date | null;
  limits: KeyLimits | null;
}

/** The secret that a key uses, as the control plane may see it: nothing of its value but the mask. */
export interface LinkedSecret {
  id: string;
  /** Entered with this key, and deleted with it. */
  owned: boolean;
  mask: string;
  version: number;
  origins: string[];
}

/** A provider key as stored. */
export interface ProviderKey extends KeySettings {
  id: string;
  orgId: string;
  secret: LinkedSecret | null;
  refusedInARow: number;
  lastOkAt: Date | null;
  lastTestedAt: Date | null;
  lastTestStatus: TestStatus | null;
  lastTestMessage: string | null;
  lastUsedAt: Date | null;
  revision: number;
  createdAt: Date;
  updatedAt: Date;
}

/** The settings that a request sends; what it leaves out is undefined. */
export interface SentSettings {
  name?: string;
  baseUrl?: string;
  defaultModel?: string;
  models?: string[];
  config?: Record<string, unknown>;
  enabled?: boolean;
  expiresAt?: string;
  limits?: KeyLimits;
}

/** The settings of a new key. */
export function newSettings(provider: string, name: string, sent: SentSettings): KeySettings {
  const blank: KeySettings = {
    name,
    provider,
    baseUrl: null,
    defaultModel: null,
    models: [],
    config: {},
    enabled: true,
    expiresAt: null,
    limits: null,
  };
  return patchSettings(blank, sent, []);
}

/** The settings after a PATCH: an omitted field keeps its value, a cleared one goes back to nothing (PRODUCT #18). */
export function patchSettings(
  before: KeySettings,
  sent: SentSettings,
  clear: readonly ClearableField[],
): KeySettings {
  const cleared = (field: ClearableField) => clear.includes(field);
  const expiresAt = sent.expiresAt === undefined ? undefined : new Date(sent.expiresAt);
  return {
    name: sent.name ?? before.name,
    provider: before.provider,
    baseUrl: patched(before.baseUrl, sent.baseUrl, cleared('baseUrl'), null),
    defaultModel: patched(before.defaultModel, sent.defaultModel, cleared('defaultModel'), null),
    models: patched(before.models, sent.models, cleared('models'), []),
    config: patched(before.config, sent.config, cleared('config'), {}),
    enabled: sent.enabled ?? before.enabled,
    expiresAt: patched(before.expiresAt, expiresAt, cleared('expiresAt'), null),
    limits: patched(before.limits, sent.limits, cleared('limits'), null),
  };
}

/** What of a PATCH is about the secret. */
export interface SentSecret {
  /** Whether a new secret was entered. */
  entered: boolean;
  secretId: string | undefined;
  clear: readonly ClearableField[];
}

/** What happens to the secret of a key in a PATCH. */
export type SecretMove =
  | { kind: 'keep' }
  /** A new version of the secret that was entered with the key. */
  | { kind: 'replace'; secretId: string; after: number }
  /** A new secret of the key's own, in place of a linked one or of none. */
  | { kind: 'enter' }
  | { kind: 'link'; secretId: string }
  | { kind: 'detach' };

/** Which move a PATCH asks for. */
export function secretMove(secret: LinkedSecret | null, sent: SentSecret): SecretMove {
  if (sent.entered)
    return secret?.owned
      ? { kind: 'replace', secretId: secret.id, after: secret.version }
      : { kind: 'enter' };
  if (sent.secretId !== undefined) return { kind: 'link', secretId: sent.secretId };
  if (sent.clear.includes('secret') || sent.clear.includes('secretId')) return { kind: 'detach' };
  return { kind: 'keep' };
}

/** Whether the move leaves the secret as it is. */
export function keepsSecret(secret: LinkedSecret | null, move: SecretMove): boolean {
  if (move.kind === 'link') return move.secretId === secret?.id;
  return move.kind === 'keep' || (move.kind === 'detach' && secret === null);
}

/** Whether every place that calls would go to is one that the secret was sealed for. */
export function mayGoTo(secret: Pick<LinkedSecret, 'origins'>, places: readonly string[]): boolean {
  return places.every((place) => secret.origins.includes(place));
}
