import { Injectable } from '@nestjs/common';
import {
  buildCatalogue,
  editChanges,
  editFaults,
  type Catalogue,
  type CatalogueEdits,
  type EditChanges,
} from '#lib/catalog';
import { ClavigerError } from '#lib/contracts';
import { EgressGuard } from '#lib/egress';
import { assertIfMatch, etagOf, requestContext } from '#lib/http';
import type { FieldFault } from '#lib/kernel';
import { changedMeanwhile, invalid, providerInUse } from './platform-catalogue.errors.js';
import { PlatformCatalogueRepository } from './platform-catalogue.repository.js';

export interface Edited {
  catalogue: Catalogue;
  edits: CatalogueEdits;
  change: EditChanges;
  etag: string;
}

export interface EditOptions {
  action: string;
  /** The slug of the one provider that it is about. */
  target?: string;
  ifMatch?: string | undefined;
  /** Judges all and writes nothing. */
  preview?: boolean;
  /** Where in the body the provider at this index of the edits stands. */
  pointerOf?: (edits: CatalogueEdits) => (index: number) => string;
}

/** The one way in which the platform tier changes: judged as a whole, written as one version, or not at all. */
@Injectable()
export class CatalogueEditor {
  constructor(
    private readonly repository: PlatformCatalogueRepository,
    private readonly guard: EgressGuard,
  ) {}

  async current(): Promise<Edited> {
    const rows = await this.repository.current();
    const change = { added: [], changed: [], removed: [] };
    const edits = rows.edits ?? { providers: [] };
    return { catalogue: buildCatalogue(rows), edits, change, etag: tagOf(rows.version) };
  }

  /**
   * Replaces the edits by what `change` makes of them. The same again writes nothing. Throws validation_failed with every fault,
   * egress_blocked, precondition_failed, and conflict when keys use a provider that would go or another change came first.
   */
  async edit(
    change: (edits: CatalogueEdits, catalogue: Catalogue) => CatalogueEdits,
    { action, target = 'catalogue', ifMatch, preview = false, pointerOf }: EditOptions,
  ): Promise<Edited> {
    const rows = await this.repository.current();
    const base = rows.version ?? 0;
    assertIfMatch(ifMatch, tagOf(base));
    const before = rows.edits ?? { providers: [] };
    const [old, edits] = [buildCatalogue(rows), change(before, buildCatalogue(rows))];
    const catalogue = buildCatalogue({ ...rows, edits });
    const at = pointerOf?.(edits);
    const faults = editFaults(edits, catalogue, at);
    if (faults.length > 0) throw invalid(faults);
    await this.guardUrls(edits, old, at ?? ((index) => `/providers/${index}`));
    const gone = old.providers.map(({ slug }) => slug).filter((slug) => !catalogue.provider(slug));
    const use = gone.length > 0 ? await this.repository.use(gone) : [];
    if (use.length > 0) throw providerInUse(use);
    const made = editChanges(before, edits);
    const isSame = Object.values(made).every((names: string[]) => names.length === 0);
    if (preview || isSame) return { catalogue, edits, change: made, etag: tagOf(base) };
    const { requestId, ip } = requestContext;
    const version = { base, edits, action, target, change: made, gone, requestId, ip };
    const saved = await this.repository.save(version);
    if (saved === 'overtaken') throw changedMeanwhile();
    if (saved === 'in_use') throw providerInUse(await this.repository.use(gone));
    return { catalogue: { ...catalogue, version: saved }, edits, change: made, etag: tagOf(saved) };
  }

  /** A new address is judged like a tenant's: https, unless the operator's own setting lists it. Throws egress_blocked. */
  private async guardUrls(
    edits: CatalogueEdits,
    old: Catalogue,
    at: (index: number) => string,
  ): Promise<void> {
    const faults: FieldFault[] = [];
    for (const [index, { slug, baseUrl }] of edits.providers.entries()) {
      if (!baseUrl || baseUrl === old.provider(slug)?.baseUrl) continue;
      const pointer = `${at(index)}/baseUrl`;
      await this.guard.checkUrl(baseUrl, 'platform').catch((error: unknown) => {
        if (!(error instanceof ClavigerError) || error.code !== 'egress_blocked') throw error;
        faults.push({ pointer, detail: error.message });
      });
    }
    if (faults.length === 0) return;
    throw new ClavigerError('egress_blocked', faults.map((fault) => fault.detail).join(' '), {
      errors: faults,
    });
  }
}

function tagOf(version: number | undefined): string {
  return etagOf('catalogue', version ?? 0);
}
