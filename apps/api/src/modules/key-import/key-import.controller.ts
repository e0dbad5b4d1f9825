import { Body, Controller, HttpCode, Post, Query } from '@nestjs/common';
import { CurrentPrincipal, RequiresPermission, type Principal } from '#lib/access';
import { ImportedKeysDto, ImportKeysDto, ImportKeysQuery } from './key-import.dto.js';
import { KeyImportService } from './key-import.service.js';

@Controller('ai-providers')
export class KeyImportController {
  constructor(private readonly imports: KeyImportService) {}

  /** Adds the keys of another system, each as if it were created alone; with `preview=true` it only says what would happen. */
  @Post('import')
  @HttpCode(200)
  @RequiresPermission('aiProviders:CreateAiProvider')
  import(
    @CurrentPrincipal() principal: Principal,
    @Query() query: ImportKeysQuery,
    @Body() body: ImportKeysDto,
  ): Promise<ImportedKeysDto> {
    return this.imports.import(principal, body.records, query.preview === 'true');
  }
}
