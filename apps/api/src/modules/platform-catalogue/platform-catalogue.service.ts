import { Injectable } from '@nestjs/common';
import type { CatalogueEdits } from '#lib/catalog';
import type { Tagged } from '../../common/tagged.js';
import { CatalogueEditor, type Edited } from './catalogue-editor.js';
import { unknownVersion } from './platform-catalogue.errors.js';
import { PlatformCatalogueRepository } from './platform-catalogue.repository.js';
import type {
  CatalogueFileDto,
  CatalogueVersionListDto,
  EditedCatalogueDto,
} from './platform-catalogue.responses.dto.js';

const LISTED_VERSIONS = 100;

/** The operator's changes of the catalogue as one file: read, replaced, gone back in. */
@Injectable()
export class PlatformCatalogueService {
  constructor(
    private readonly editor: CatalogueEditor,
    private readonly repository: PlatformCatalogueRepository,
  ) {}

  async get(): Promise<Tagged<CatalogueFileDto>> {
    const { catalogue, edits, etag } = await this.editor.current();
    return { body: { version: catalogue.version, providers: edits.providers }, etag };
  }

  /** The file is all that the operator says from now on; a preview writes nothing. */
  async replace(
    file: CatalogueEdits,
    { preview, ifMatch }: { preview: boolean; ifMatch: string | undefined },
  ): Promise<Tagged<EditedCatalogueDto>> {
    const action = 'platform:ReplaceCatalogue';
    return present(await this.editor.edit(() => file, { action, ifMatch, preview }), preview);
  }

  async versions(): Promise<CatalogueVersionListDto> {
    const rows = await this.repository.versions(LISTED_VERSIONS);
    return { data: rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() })) };
  }

  /** Makes what held in an earlier version (the one before, unless told) hold again, as a new version. */
  async rollBack(version: number | undefined, ifMatch?: string): Promise<Tagged<EditedCatalogueDto>> {
    const wanted = version ?? (await this.editor.current()).catalogue.version - 1;
    const edits = wanted === 0 ? { providers: [] } : await this.repository.edits(wanted);
    if (!edits) throw unknownVersion(wanted);
    return present(
      await this.editor.edit(() => edits, { action: 'platform:RollBackCatalogue', ifMatch }),
      false,
    );
  }
}

function present({ catalogue, change, etag }: Edited, preview: boolean): Tagged<EditedCatalogueDto> {
  return { body: { version: catalogue.version, preview, ...change }, etag };
}
