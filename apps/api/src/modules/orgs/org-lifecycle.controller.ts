import { Readable } from 'node:stream';
import { Body, Controller, Delete, Get, Param, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiProduces } from '@nestjs/swagger';
import { CurrentPrincipal, RequiresPermission, type Principal } from '#lib/access';
import { WhileRestored } from '../../restored/while-restored.js';
import { DeleteOrgService } from './delete-org.service.js';
import { ExportOrgService } from './export-org.service.js';
import { DeletedOrgDto, DeleteOrgDto, OrgDeletionPreviewDto } from './org-lifecycle.dto.js';

@Controller('orgs')
export class OrgLifecycleController {
  constructor(
    private readonly exports: ExportOrgService,
    private readonly deletion: DeleteOrgService,
  ) {}

  /**
   * Everything that the organization has here, as newline-delimited JSON: one line `{type, data}` for each row. No secret, no
   * sealed byte and no hash of a token is in it. The last line has the type `end`; without it the export was cut off.
   */
  @Get(':id/export')
  @RequiresPermission('orgs:ExportOrg')
  @ApiProduces('application/x-ndjson')
  @ApiOkResponse({ schema: { type: 'string' } })
  async export(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<StreamableFile> {
    const { name, lines } = await this.exports.start(principal, id);
    return new StreamableFile(Readable.from(lines), {
      type: 'application/x-ndjson',
      disposition: `attachment; filename="${name}"`,
    });
  }

  /** What a deletion would destroy, and what has to be typed to confirm it. */
  @Get(':id/deletion')
  @RequiresPermission('orgs:DeleteOrg')
  preview(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<OrgDeletionPreviewDto> {
    return this.deletion.preview(principal, id);
  }

  /**
   * Deletes the whole organization. Its secrets are erased, its tokens revoked and its calls refused at once, beyond recall;
   * its rows are purged after the grace period. `confirm` is its slug.
   */
  @Delete(':id')
  @WhileRestored()
  @RequiresPermission('orgs:DeleteOrg')
  delete(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() input: DeleteOrgDto,
  ): Promise<DeletedOrgDto> {
    return this.deletion.delete(principal, id, input.confirm);
  }
}
