import { isDeepStrictEqual } from 'node:util';
import { keyStatus } from '../catalog/index.js';
import type { ProviderKey } from './provider-key.js';
import type { ProviderKeyDto } from './provider-keys.responses.dto.js';

/** A key as answers show it. `needsSecret` is the provider's rule, `workspaceCount` where it is assigned. */
export function toDto(
  key: ProviderKey,
  facts: { needsSecret: boolean; workspaceCount: number; readOnly: boolean; now: Date },
): ProviderKeyDto {
  return {
    id: key.id,
    orgId: key.orgId,
    name: key.name,
    provider: key.provider,
    secretId: key.secret?.id ?? null,
    baseUrl: key.baseUrl,
    defaultModel: key.defaultModel,
    models: key.models,
    config: key.config,
    hasValue: key.secret !== null,
    mask: key.secret?.mask ?? null,
    enabled: key.enabled,
    status: keyStatus({ ...key, hasSecret: key.secret !== null, needsSecret: facts.needsSecret }, facts.now),
    version: key.secret?.version ?? null,
    lastTestedAt: iso(key.lastTestedAt),
    lastTestStatus: key.lastTestStatus,
    lastTestMessage: key.lastTestMessage,
    lastUsedAt: iso(key.lastUsedAt),
    expiresAt: iso(key.expiresAt),
    limits: key.limits,
    workspaceCount: facts.workspaceCount,
    readOnly: facts.readOnly,
    createdAt: key.createdAt.toISOString(),
    updatedAt: key.updatedAt.toISOString(),
  };
}

function iso(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}

/** `[before, after]` of the settings that changed, as the audit log keeps them. Of `config` only which names changed. */
export function settingsChange(before: Partial<ProviderKey>, after: ProviderKey): Record<string, unknown> {
  const fields = [
    'name',
    'provider',
    'baseUrl',
    'defaultModel',
    'models',
    'enabled',
    'expiresAt',
    'limits',
  ] as const;
  const changed = fields.filter((field) => !sameJson(before[field], after[field]));
  const change = Object.fromEntries(changed.map((field) => [field, [before[field] ?? null, after[field]]]));
  const config = changedNames(before.config ?? {}, after.config);
  return { ...change, ...(config.length > 0 && { config }) };
}

function changedNames(before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.filter((name) => !sameJson(before[name], after[name]));
}

/** Whether both are the same once stored: order of fields and class do not count, a date is its text. */
function sameJson(a: unknown, b: unknown): boolean {
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
  return isDeepStrictEqual(plain(a), plain(b));
}
