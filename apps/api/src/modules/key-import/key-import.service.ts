import { Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import type { Catalogue } from '#lib/catalog';
import { asClavigerError, validationFailed, validationPipe } from '#lib/http';
import { TenantDb } from '#lib/persistence';
import { CatalogueSource } from '../catalog/index.js';
import { CreateKeyService, CreateProviderKeyDto, newKeyFrom, type NewKey } from '../provider-keys/index.js';
import type { ImportedKeyDto, ImportedKeysDto } from './key-import.dto.js';
import { readRecord } from './other-systems.js';

const pipe = validationPipe();

/** Keys of other systems: each record goes the way of a single creation, with its rules, limits and sealing. */
@Injectable()
export class KeyImportService {
  constructor(
    private readonly db: TenantDb,
    private readonly catalogue: CatalogueSource,
    private readonly creation: CreateKeyService,
  ) {}

  /** One after the other, in their order. A problem of one is its own: the others are made. */
  async import(
    principal: Principal,
    records: Record<string, unknown>[],
    preview: boolean,
  ): Promise<ImportedKeysDto> {
    const catalogue = await this.db.withOrg(principal.orgId, (tx) => this.catalogue.current(tx));
    const data: ImportedKeyDto[] = [];
    const names = new Set<string>();
    for (const [index, record] of records.entries())
      data.push(await this.one(principal, { index, record, preview, names }, catalogue));
    return { preview, data };
  }

  private async one(
    principal: Principal,
    row: { index: number; record: Record<string, unknown>; preview: boolean; names: Set<string> },
    catalogue: Catalogue,
  ): Promise<ImportedKeyDto> {
    const { index, record, preview, names } = row;
    const { body, enabled, faults, ignored: unread } = readRecord(record, catalogue);
    const ignored = unread.map(memberName);
    const read = { index, id: null, ...shown(body, catalogue), ignored, hints: [], problem: null };
    try {
      if (faults.length > 0) throw validationFailed(faults);
      const judged: unknown = await pipe.transform(body, { type: 'body', metatype: CreateProviderKeyDto });
      if (!(judged instanceof CreateProviderKeyDto)) throw new TypeError('the rules answered another body');
      const key = newKeyFrom(judged);
      const input: NewKey = { ...key, settings: { ...key.settings, enabled } };
      if (preview) return { ...read, hints: await this.creation.preview(principal, input, names) };
      const { body: made } = await this.creation.create(principal, input);
      return { ...read, id: made.id, hints: made.hints };
    } catch (error) {
      const { code, message: detail, errors = [] } = asClavigerError(error);
      // What nobody foresaw is no row's problem.
      if (code === 'internal') throw error;
      return { ...read, problem: { code, detail, errors } };
    }
  }
}

/**
 * What the answer repeats of a record. A provider that is none may be a key in the wrong place, and so may be the name that it
 * stands for: neither is quoted.
 */
function shown(
  { name, provider }: Record<string, unknown>,
  catalogue: Catalogue,
): { name: string | null; provider: string | null } {
  const slug = typeof provider === 'string' && catalogue.provider(provider) ? provider : null;
  const isPlain = typeof name === 'string' && (slug !== null || name !== provider);
  return { name: isPlain ? name.slice(0, 120) : null, provider: slug };
}

/** A member's name as the answer repeats it: what looks like a value in the place of a name is not quoted. */
function memberName(name: string): string {
  return /^(?!(?:.*\d){3})[A-Za-z_$@][\w.-]{0,39}$/.test(name) ? name : '(unusual name)';
}
