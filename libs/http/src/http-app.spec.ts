import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Module, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Type } from 'class-transformer';
import { IsInt, IsString, MaxLength, ValidateNested } from 'class-validator';
import request from 'supertest';
import { ClavigerError } from '#lib/contracts';
import { buildOpenApi, createHttpApp, dumpRoutes, HealthModule, requestContext } from './index.js';

class Inner {
  @IsInt()
  count!: number;
}

class Input {
  @IsString()
  @MaxLength(20)
  name!: string;

  @ValidateNested()
  @Type(() => Inner)
  inner!: Inner;
}

@Controller('things')
class ThingsController {
  @Post()
  create(@Body() input: Input): { name: string; requestId: string } {
    return { name: input.name, requestId: requestContext.requestId };
  }

  @Get('busy')
  busy(): never {
    throw new ClavigerError('too_many_attempts', 'Wait.', { extras: { retryAfterSeconds: 7, limit: 5 } });
  }

  @Get('crash')
  crash(): never {
    throw new Error('the password is hunter2');
  }
}

let ready = true;

@Module({
  imports: [
    HealthModule.forRoot({
      useFactory: () => [
        { name: 'database', check: () => (ready ? Promise.resolve() : Promise.reject(new Error('down'))) },
      ],
    }),
  ],
  controllers: [ThingsController],
})
class TestModule {}

describe('an application on libs/http', () => {
  let app: NestFastifyApplication;
  const lines: object[] = [];

  beforeAll(async () => {
    const log = {
      info: (fields: object) => void lines.push(fields),
      error: (fields: object) => void lines.push(fields),
    };
    app = await createHttpApp(TestModule, { prefix: 'api/v1', log });
    await app.listen(0, '127.0.0.1');
  });
  afterAll(() => app.close());

  const server = () => request(app.getHttpServer());

  it('tells all faults of a body at once, each with its pointer', async () => {
    const answer = await server()
      .post('/api/v1/things')
      .send({ name: 5, extra: true, inner: { count: 'x', 'a/b': 1 } });
    expect(answer.status).toBe(422);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.body).toMatchObject({ code: 'validation_failed', status: 422, instance: '/api/v1/things' });
    const pointers = answer.body.errors.map((fault: { pointer: string }) => fault.pointer);
    expect(new Set(pointers)).toEqual(new Set(['/name', '/extra', '/inner/count', '/inner/a~1b']));
  });

  it.each([
    ['null', 'null'],
    ['a list', '[1]'],
    ['a string', '"x"'],
    ['a NUL', '{"name":"\\u0000","inner":{"count":1}}'],
  ])('refuses a body that is or holds %s', async (_what, body) => {
    const answer = await server().post('/api/v1/things').set('content-type', 'application/json').send(body);
    expect([answer.status, answer.body.code]).toEqual([422, 'validation_failed']);
  });

  it('answers broken JSON, an unknown route, another media type, a bad URL and a body over 1 MiB with their problems', async () => {
    const post = () => server().post('/api/v1/things');
    const answers = [
      await post().set('content-type', 'application/json').send('{"name":'),
      await server().get('/api/v1/nowhere'),
      await post().set('content-type', 'text/plain').send('hello'),
      await server().get('/api/v1/%zz'),
      await post().send({ name: 'x'.repeat(1_100_000) }),
      await post().set('content-type', 'application/json').send('{"__proto__":{"admin":true}}'),
      await server().delete('/api/v1/things'),
    ];
    expect(answers.map((answer) => [answer.status, answer.body.code])).toEqual([
      [400, 'malformed_request'],
      [404, 'not_found'],
      [400, 'malformed_request'],
      [400, 'malformed_request'],
      [413, 'payload_too_large'],
      [422, 'validation_failed'],
      [404, 'not_found'],
    ]);
    expect(answers[5]!.body.errors[0].pointer).toBe('/__proto__');
    for (const answer of answers) {
      expect(answer.body.requestId).toBe(answer.headers['x-request-id']);
      expect(answer.headers['content-type']).toContain('application/problem+json');
    }
  });

  it('keeps the request id from the header through the body to the handler, and makes one when it is ill-formed', async () => {
    const body = { name: 'x', inner: { count: 1 } };
    const named = await server().post('/api/v1/things').set('x-request-id', 'caller-0001').send(body);
    expect([named.status, named.headers['x-request-id'], named.body.requestId]).toEqual([
      201,
      'caller-0001',
      'caller-0001',
    ]);
    const odd = await server().post('/api/v1/things').set('x-request-id', 'a b').send(body);
    expect(odd.headers['x-request-id']).toMatch(/^req_[0-9a-z]{26}$/);
    expect(odd.body.requestId).toBe(odd.headers['x-request-id']);
  });

  it('continues the caller’s trace under a span of its own, and tells both to the log', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    for (const path of ['/api/v1/things/crash', '/api/v1/nowhere', '/livez']) {
      lines.length = 0;
      const sent = `00-${traceId}-00f067aa0ba902b7-01`;
      const answered = (await server().get(path).set('traceparent', sent)).headers['traceparent'] as string;
      const [, spanId] = new RegExp(`^00-${traceId}-([0-9a-f]{16})-01$`).exec(answered) ?? [];
      expect([path, spanId !== undefined, spanId === '00f067aa0ba902b7']).toEqual([path, true, false]);
      if (path !== '/livez') expect(lines).toContainEqual(expect.objectContaining({ traceId, spanId }));
    }
    const later = (await server().get('/livez').set('traceparent', `cc-${traceId}-00f067aa0ba902b7-00-more`))
      .headers;
    expect(later['traceparent']).toMatch(new RegExp(`^00-${traceId}-`));
  });

  it.each([
    ['none', undefined],
    ['garbage', 'hello'],
    ['a trace of zeros', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
    ['a parent of zeros', `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`],
    ['version ff', 'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
    ['more than version 00 has', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x'],
    ['capitals', '00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01'],
  ])('begins a trace of its own where %s came', async (_what, sent) => {
    const call = server().get('/livez');
    const { headers } = await (sent === undefined ? call : call.set('traceparent', sent));
    expect(headers['traceparent']).toMatch(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-00$/);
    expect(headers['traceparent']).not.toContain('4bf92f35');
  });

  it('says nothing about an unexpected failure but the request id, and tells the log', async () => {
    lines.length = 0;
    const answer = await server().get('/api/v1/things/crash');
    expect(answer.status).toBe(500);
    expect(Object.keys(answer.body).sort()).toEqual([
      'code',
      'instance',
      'requestId',
      'status',
      'title',
      'type',
    ]);
    expect(JSON.stringify(answer.body)).not.toContain('hunter2');
    expect(lines).toContainEqual(
      expect.objectContaining({ err: expect.any(Error), requestId: answer.body.requestId }),
    );
  });

  it('puts extras into the body and the wait into Retry-After', async () => {
    const answer = await server().get('/api/v1/things/busy');
    expect([answer.status, answer.headers['retry-after'], answer.body.limit]).toEqual([429, '7', 5]);
  });

  it('sends security headers with every answer', async () => {
    for (const path of ['/livez', '/api/v1/nowhere', '/api/v1/things/crash', '/%zz']) {
      const { headers } = await server().get(path);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'cache-control': 'no-store',
      });
    }
  });

  it('is ready only while every check passes, and alive either way', async () => {
    expect((await server().get('/readyz')).body).toEqual({ status: 'ok', checks: { database: 'ok' } });
    ready = false;
    const down = await server().get('/readyz');
    expect([down.status, down.body]).toEqual([
      503,
      { status: 'unavailable', checks: { database: 'failed' } },
    ]);
    expect((await server().get('/livez')).status).toBe(200);
  });

  it('documents exactly the routes of the router, with or without its providers', async () => {
    const info = { title: 't', description: 'd', version: '1' };
    const operations = (paths: object) =>
      Object.entries(paths).flatMap(([path, item]) =>
        Object.keys(item as object).map((method) => `${method.toUpperCase()} ${path}`),
      );
    const router = dumpRoutes(app.getHttpAdapter().getInstance()).map(
      (route) => `${route.method} ${route.path}`,
    );
    const document = buildOpenApi(app, info);
    expect(operations(document.paths).sort()).toEqual([...router].sort());
    const preview = await createHttpApp(TestModule, {
      prefix: 'api/v1',
      preview: true,
      log: { info: () => undefined, error: () => undefined },
    });
    expect(JSON.stringify(buildOpenApi(preview, info))).toBe(JSON.stringify(document));
  });
});
