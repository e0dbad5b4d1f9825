import { Body, Controller, Delete, Get, HttpCode, Module, Param, Post } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { IsString } from 'class-validator';
import { Public, RequiresPermission } from '#lib/access';
import { notFound } from '#lib/contracts';
import { buildOpenApi, createHttpApp } from '#lib/http';
import { isId, toUuid } from '#lib/kernel';
import { PgPool } from '#lib/persistence';
import { Metrics } from '#lib/telemetry';
import { AppModule } from '../../../src/app.module.js';
import { API_DOCUMENT } from '../../../src/document-info.js';
import type { TestApi } from '../test-api.js';

/** The connection of somebody whom no wall holds: what a route would have to get hold of to make these mistakes. */
let unwalled: PgPool;

class LinkDto {
  @IsString()
  @ApiProperty({ type: String })
  workspaceId!: string;
}

/** A control plane's room with one mistake in each route. */
@Controller('faulty')
class FaultyController {
  /** Reads a row by its id, whoever's it is. */
  @Get('workspaces/:id')
  @RequiresPermission('workspaces:GetWorkspace')
  async read(@Param('id') id: string): Promise<unknown> {
    const uuid = isId('ws', id) ? toUuid(id) : null;
    const { rows } = await unwalled.query('SELECT id, name FROM workspaces WHERE id = $1', [uuid]);
    if (rows.length === 0) throw notFound();
    return rows[0];
  }

  /** Answers politely, after it has written. */
  @Delete('invites/:id')
  @RequiresPermission('invites:DeleteInvite')
  async remove(@Param('id') id: string): Promise<never> {
    const uuid = isId('inv', id) ? toUuid(id) : null;
    await unwalled.query('DELETE FROM invites WHERE id = $1', [uuid]);
    throw notFound();
  }

  /** Believes an id in the body. */
  @Post('links')
  @HttpCode(200)
  @RequiresPermission('workspaces:GetWorkspace')
  async link(@Body() { workspaceId }: LinkDto): Promise<{ linked: boolean }> {
    const uuid = isId('ws', workspaceId) ? toUuid(workspaceId) : null;
    const { rowCount } = await unwalled.query('SELECT 1 FROM workspaces WHERE id = $1', [uuid]);
    if (rowCount === 0) throw notFound();
    return { linked: true };
  }

  /** Lists everybody's. */
  @Get('workspaces')
  @RequiresPermission('workspaces:ListWorkspaces')
  async list(): Promise<unknown> {
    return (await unwalled.query('SELECT id, name FROM workspaces')).rows;
  }

  /** Is open to everybody, and nobody meant it to be. */
  @Get('prices')
  @Public()
  prices(): object {
    return {};
  }

  /** Asks for nothing. */
  @Get('plan')
  plan(): object {
    return {};
  }
}

/** The same control plane with the faulty room, which the boot's own check would not have let up. */
export async function startFaulty({ config, database }: TestApi): Promise<{
  app: NestFastifyApplication;
  url: string;
  document: ReturnType<typeof buildOpenApi>;
  stop(): Promise<void>;
}> {
  unwalled = new PgPool({ databaseUrl: database.superuserUrl, max: 4 });
  @Module({
    imports: [AppModule.register(config, { metrics: new Metrics('api') })],
    controllers: [FaultyController],
  })
  class FaultyModule {}
  const log = { info: () => undefined, error: () => undefined };
  const app = await createHttpApp(FaultyModule, { prefix: 'api/v1', log });
  const fastify = app.getHttpAdapter().getInstance();
  fastify.get('/api/v1/faulty/hidden', { config: { permission: 'plan:GetPlan' } }, () => ({ hidden: true }));
  await app.init();
  const document = buildOpenApi(app, API_DOCUMENT);
  await app.listen(0, '127.0.0.1');
  const stop = async () => {
    await app.close();
    await unwalled.close();
  };
  return { app, url: await app.getUrl(), document, stop };
}
