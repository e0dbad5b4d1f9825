import { describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, Post } from '@nestjs/common';
import { createHttpApp } from '#lib/http';
import { assertEveryRouteDeclares } from './assert-routes.js';
import { Public, RequiresPermission } from './decorators.js';

@Controller('good')
class GoodController {
  @Get('open')
  @Public()
  open(): string {
    return 'open';
  }

  @Post('closed')
  @RequiresPermission('tokens:CreateToken')
  closed(): string {
    return 'closed';
  }
}

@Controller('bad')
class ForgetfulController {
  @Get('forgotten')
  forgotten(): string {
    return 'anybody reads this';
  }
}

@Module({ controllers: [GoodController] })
class GoodModule {}

@Module({ controllers: [GoodController, ForgetfulController] })
class ForgetfulModule {}

const log = { info: () => undefined, error: () => undefined };

describe('every route declares its permission, or the boot fails', () => {
  it('lets an application boot whose every route does', async () => {
    const app = await createHttpApp(GoodModule, { prefix: 'api/v1', log });
    await app.init();
    expect(() => assertEveryRouteDeclares(app)).not.toThrow();
  });

  it('names a controller’s route that does not', async () => {
    const app = await createHttpApp(ForgetfulModule, { prefix: 'api/v1', log });
    await app.init();
    expect(() => assertEveryRouteDeclares(app)).toThrow('GET /api/v1/bad/forgotten');
  });

  it('names a raw route that does not, or that names a permission that nobody has heard of', async () => {
    const app = await createHttpApp(GoodModule, { log });
    const fastify = app.getHttpAdapter().getInstance();
    fastify.get('/raw', () => 'anybody reads this');
    fastify.route({
      method: 'GET',
      url: '/typo',
      config: { permission: 'tokens:Craete' },
      handler: () => 'x',
    });
    fastify.route({
      method: 'GET',
      url: '/fine',
      config: { permission: 'tokens:ListTokens' },
      handler: () => 'x',
    });
    await app.init();
    expect(() => assertEveryRouteDeclares(app)).toThrow('GET /raw, GET /typo');
  });
});
