import { Injectable } from '@nestjs/common';
import type { Catalogue, CatalogueEdits, ProviderEdit, ProviderRecord } from '#lib/catalog';
import type { Tagged } from '../../common/tagged.js';
import { unknownProvider } from '../catalog/index.js';
import { CatalogueEditor, type Edited } from './catalogue-editor.js';
import { isBuiltIn, invalid } from './platform-catalogue.errors.js';
import type { ClearableMember } from './platform-providers.dto.js';
import type { PlatformProviderDto, PlatformProviderListDto } from './platform-catalogue.responses.dto.js';

export type ProviderChange = Omit<ProviderEdit, 'slug'> & { clear?: ClearableMember[] };

/** The records of the platform tier, one by one (PRODUCT #9, #10). */
@Injectable()
export class PlatformProvidersService {
  constructor(private readonly editor: CatalogueEditor) {}

  async list(): Promise<PlatformProviderListDto> {
    const now = await this.editor.current();
    return { data: now.catalogue.providers.map((record) => present(record, now)) };
  }

  /** Throws unknown_provider, with the valid slugs. */
  async get(slug: string): Promise<Tagged<PlatformProviderDto>> {
    return tagged(slug, await this.editor.current());
  }

  /** Creates or changes a record: what is left out keeps its value, `clear` gives back what Claviger ships. */
  async put(slug: string, input: ProviderChange, ifMatch?: string): Promise<Tagged<PlatformProviderDto>> {
    const { clear = [], ...sent } = input;
    assertEither(sent, clear);
    const change = ({ providers }: CatalogueEdits): CatalogueEdits => {
      const before = providers.find((edit) => edit.slug === slug) ?? { slug };
      const kept = Object.entries(before).filter(([member]) => !clear.some((one) => one === member));
      const after: ProviderEdit = { ...Object.fromEntries(kept), ...sent, slug };
      return { providers: [...providers.filter((edit) => edit.slug !== slug), after] };
    };
    const pointerOf =
      ({ providers }: CatalogueEdits) =>
      (index: number) =>
        providers[index]?.slug === slug ? '' : `/providers/${index}`;
    const action = 'platform:PutProvider';
    return tagged(slug, await this.editor.edit(change, { action, target: slug, ifMatch, pointerOf }));
  }

  /**
   * Takes an operator's record out, or an operator's changes of one of Claviger's own back. Throws unknown_provider, and conflict
   * while keys use it or when there is nothing to take back.
   */
  async remove(slug: string, ifMatch?: string): Promise<void> {
    const change = (edits: CatalogueEdits, catalogue: Catalogue): CatalogueEdits => {
      if (!catalogue.provider(slug)) throw unknownProvider(catalogue);
      const providers = edits.providers.filter((edit) => edit.slug !== slug);
      if (providers.length === edits.providers.length) throw isBuiltIn(slug);
      return { providers };
    };
    await this.editor.edit(change, { action: 'platform:DeleteProvider', target: slug, ifMatch });
  }
}

function assertEither(sent: object, clear: readonly string[]): void {
  const both = clear.filter((member) => Object.hasOwn(sent, member));
  const faults = both.map((member) => ({
    pointer: `/${member}`,
    detail: `"${member}" is both set and cleared: send one of the two.`,
  }));
  if (faults.length > 0) throw invalid(faults);
}

function tagged(slug: string, edited: Edited): Tagged<PlatformProviderDto> {
  const record = edited.catalogue.provider(slug);
  if (!record) throw unknownProvider(edited.catalogue);
  return { body: present(record, edited), etag: edited.etag };
}

function present(record: ProviderRecord, { catalogue, edits }: Edited): PlatformProviderDto {
  const { callPath: _path, versionPath: _version, ...rest } = record;
  const isChanged = edits.providers.some((edit) => edit.slug === record.slug);
  return { ...rest, isChanged, models: catalogue.modelsOf(record.slug) };
}
