import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, HttpCode, Module, Post, Query } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsString,
  Length,
  Max,
  MaxLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import request from 'supertest';
import { createHttpApp, HealthModule, PageQuery } from './index.js';

const may = () => ValidateIf((_: unknown, value: unknown) => value !== undefined);

class Inner {
  @IsInt()
  @Max(9)
  count!: number;
}

class Input {
  @IsString()
  @Length(1, 20)
  name!: string;

  @may()
  @MaxLength(3)
  @IsString()
  code?: string;

  @may()
  @IsBoolean()
  on?: boolean;

  /** No `IsArray` on purpose: forgetting it must not matter. */
  @may()
  @IsIn(['a', 'b'], { each: true })
  letters?: string[];

  @may()
  @ValidateNested()
  @Type(() => Inner)
  inner?: Inner;

  @may()
  @IsArray()
  @ArrayMaxSize(3)
  @ValidateNested({ each: true })
  @Type(() => Inner)
  list?: Inner[];
}

@Controller('things')
class ThingsController {
  calls = 0;

  @Post()
  create(@Body() _input: Input): object {
    return { calls: (this.calls += 1) };
  }

  @Post('act')
  @HttpCode(200)
  act(): object {
    return { calls: (this.calls += 1) };
  }

  @Get()
  list(@Query() { limit }: PageQuery): object {
    return { limit };
  }
}

@Module({
  imports: [HealthModule.forRoot({ useFactory: () => [] })],
  controllers: [ThingsController],
})
class TestModule {}

describe('input that nobody asked for or of the wrong shape', () => {
  let app: NestFastifyApplication;
  beforeAll(async () => {
    app = await createHttpApp(TestModule, { log: { info: () => undefined, error: () => undefined } });
    await app.listen(0, '127.0.0.1');
  });
  afterAll(() => app.close());
  const server = () => request(app.getHttpServer());
  const post = (body: object | string, path = '/things') =>
    server().post(path).set('content-type', 'application/json').send(body);

  it.each<[object, string, string]>([
    [{ name: 'x', letters: 'a' }, '/letters', 'Give a list.'],
    [{ name: 'x', letters: [null] }, '/letters', 'For each entry: give one of a, b.'],
    [{ name: 'x', inner: null }, '/inner', 'Give an object.'],
    [{ name: 'x', inner: [] }, '/inner', 'Give an object.'],
    [{ name: 'x', inner: [{ count: 1 }] }, '/inner', 'Give an object.'],
    [{ name: 'x', list: [null] }, '/list/0', 'Give an object.'],
    [{ name: 'x', list: [{ count: 1 }, [{ count: 1 }]] }, '/list/1', 'Give an object.'],
    [{ name: 'x', list: { count: 1 } }, '/list', 'Give a list.'],
    [{ name: 'x', list: Array(4).fill(null) }, '/list', 'Give at most 3 entries.'],
    [{ name: 'x', list: [{}] }, '/list/0/count', 'This field is required.'],
    [{}, '/name', 'This field is required.'],
    [{ name: 7 }, '/name', 'Give text.'],
    [{ name: '' }, '/name', 'Give some text: this is empty.'],
    [{ name: 'x', code: 'long' }, '/code', 'Give at most 3 characters.'],
    [{ name: 'x', on: 'yes' }, '/on', 'Give true or false.'],
    [{ name: 'x', inner: { count: 1.5 } }, '/inner/count', 'Give a whole number.'],
    [{ name: 'x', inner: { count: 10 } }, '/inner/count', 'Give at most 9.'],
    [{ name: 'x', toString: 1 }, '/toString', 'No field may have this name: remove it.'],
    [{ name: 'x', constructor: { a: 1 } }, '/constructor', 'No field may have this name: remove it.'],
    [
      { name: 'x', inner: { count: 1, valueOf: 1 } },
      '/inner/valueOf',
      'No field may have this name: remove it.',
    ],
  ])('%j is one fault, at %s', async (body, pointer, detail) => {
    const answer = await post(body);
    expect([answer.status, answer.body.errors]).toEqual([422, [{ pointer, detail }]]);
  });

  it.each([
    ['{"name":"x","__proto__":{"a":1}}', '/__proto__'],
    ['{"name":"x","\\u005f_proto__":{"a":1}}', '/__proto__'],
    ['{"name":"x","constructor":{"prototype":{"a":1}}}', '/constructor'],
    ['{"name":"x","inner":{"count":1,"__proto__":1}}', '/inner/__proto__'],
  ])('%s names the field that no object may have', async (text, pointer) => {
    const answer = await post(text);
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, pointer]);
  });

  it('names every place once, and first what is there at all', async () => {
    const answer = await post({ name: 'x'.repeat(30), inner: { count: 'x' }, letters: 'c', odd: 1 });
    expect(answer.body.detail).toBe(
      'Some of the input is not valid: mend /letters, /odd, /name, /inner/count and send it again.',
    );
  });

  it('is refused where nothing is taken, in body and query, and nothing is done', async () => {
    const told = async (answer: request.Response | request.Test) => {
      const { status, body } = await answer;
      return [status, (body.errors ?? []).map((fault: { pointer: string }) => fault.pointer)];
    };
    expect(await told(post({ zz: 1, 'a/b': 2 }, '/things/act'))).toEqual([422, ['/zz', '/a~1b']]);
    expect(await told(post('[]', '/things/act'))).toEqual([422, ['']]);
    expect(await told(post('null', '/things/act'))).toEqual([422, ['']]);
    expect(await told(post({}, '/things/act?foo=1'))).toEqual([422, ['/foo']]);
    expect(await told(post({ name: 'x' }, '/things?foo=1'))).toEqual([422, ['/foo']]);
    expect(await told(server().get('/things?foo=1'))).toEqual([422, ['/foo']]);
    expect(await told(server().get('/things?__proto__=1'))).toEqual([422, ['/__proto__']]);
    expect((await post({}, '/things/act')).body).toEqual({ calls: 1 });
    expect((await server().post('/things/act')).body).toEqual({ calls: 2 });
    expect((await server().get('/things?limit=3')).body).toEqual({ limit: 3 });
  });

  it('a probe may decorate its path as it likes', async () => {
    expect([(await server().get('/livez?t=1')).status, (await server().get('/readyz?t=1')).status]).toEqual([
      200, 200,
    ]);
  });
});
