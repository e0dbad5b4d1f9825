import { describe, expect, it } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppError } from '#lib/kernel';
import { createPino } from './logger.js';
import { createLogger, logRequests, loggerModule, NestLogger, type LogFields } from './index.js';

const PLANTED = 'hunter2-4f9c8e71aa';

function sink() {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return {
    destination,
    lines,
    text: () => lines.join(''),
    last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown>,
  };
}

describe('the log of a process', () => {
  it('keeps the listed fields with their values', () => {
    const out = sink();
    createLogger({ process: 'api', destination: out.destination }).info(
      { orgId: 'org_1', status: 201, route: '/api/v1/x' },
      'created',
    );
    expect(out.last()).toMatchObject({
      level: 'info',
      process: 'api',
      orgId: 'org_1',
      status: 201,
      route: '/api/v1/x',
      msg: 'created',
    });
  });

  it('drops a planted secret from headers, body, error and unknown fields, however the logger is called', () => {
    const out = sink();
    const logger = createPino({ process: 'api', destination: out.destination });
    const error = Object.assign(new Error(`refused key ${PLANTED}`, { cause: new Error(PLANTED) }), {
      response: PLANTED,
      code: `E ${PLANTED}`,
    });
    const unsafe = {
      headers: { authorization: `Bearer ${PLANTED}` },
      req: { url: `/x?key=${PLANTED}`, headers: { 'x-api-key': PLANTED } },
      body: { secret: PLANTED },
      secret: PLANTED,
      orgId: { nested: PLANTED },
      [PLANTED]: 1,
      err: error,
    };
    logger.info(unsafe, 'fields');
    logger.child(unsafe).warn({ count: 1 }, 'bindings');
    logger.error(error);
    logger.error(error, 'with a sentence');
    logger.error({ err: error });
    logger.info('a sentence with %s', PLANTED);
    logger.info({ err: PLANTED }, 'thrown text');
    expect(out.lines).toHaveLength(7);
    expect(out.text()).not.toContain(PLANTED);
    expect(JSON.parse(out.lines[0]!)).toMatchObject({
      redactedFields: 6,
      err: { type: 'Error', cause: { type: 'Error' } },
    });
  });

  it('is proved by a control: the same line through a bare pino does hold the secret', async () => {
    const { pino } = await import('pino');
    const out = sink();
    pino({}, out.destination).info({ body: { secret: PLANTED } }, 'fields');
    expect(out.text()).toContain(PLANTED);
  });

  it('keeps of an error what locates it: type, code, frames, and the message only when it is ours', () => {
    const out = sink();
    const logger = createLogger({ process: 'engine', destination: out.destination });
    logger.error(
      { err: new AppError('kms_unavailable', 'The key service does not answer; try again in a minute.') },
      'x',
    );
    expect(out.last().err).toMatchObject({
      type: 'AppError',
      code: 'kms_unavailable',
      message: expect.stringContaining('key service'),
    });
    logger.error(
      { err: Object.assign(new Error(PLANTED), { code: '23505', table: 'secrets', detail: PLANTED }) },
      'x',
    );
    const { err } = out.last() as { err: { code: string; table: string; stack: string[] } };
    expect(err).toMatchObject({ code: '23505', table: 'secrets' });
    expect(err.stack[0]).toContain('telemetry.spec.ts');
    expect(err).not.toHaveProperty('message');
  });

  it('keeps the message of a slip of ours, which quotes names of the source only', () => {
    const out = sink();
    const logger = createLogger({ process: 'engine', destination: out.destination });
    const target: { inner?: { name: string } } = {};
    try {
      target.inner!.name.trim();
    } catch (error) {
      logger.error({ err: error }, 'x');
    }
    expect(out.last().err).toMatchObject({
      type: 'TypeError',
      message: expect.stringContaining("reading 'name'"),
    });
  });

  it('takes out credentials of known shapes even from listed fields and sentences', () => {
    const out = sink();
    const logger = createLogger({ process: 'engine', destination: out.destination });
    const model = 'sk-ant-api03-AbCdEf123456';
    logger.warn({ model, host: 'postgres://claviger:pa55word@db/x' }, `model ${model} is unknown`);
    expect(out.text()).not.toMatch(/AbCdEf123456|pa55word/);
  });

  it('shortens long text, so that a log line stays a line', () => {
    const out = sink();
    createLogger({ process: 'api', destination: out.destination }).info({ model: 'x y'.repeat(1000) }, 'x');
    expect(out.text().length).toBeLessThan(500);
  });

  it('adds the fields of the moment, such as the request id, to every line', () => {
    const out = sink();
    let requestId = 'req_1';
    const logger = createLogger({
      process: 'api',
      destination: out.destination,
      context: () => ({ requestId }),
    });
    logger.info({}, 'a');
    requestId = 'req_2';
    logger.child({ orgId: 'org_1' }).info({}, 'b');
    expect(out.lines.map((line) => (JSON.parse(line) as LogFields).requestId)).toEqual(['req_1', 'req_2']);
  });

  it('logs a request over Fastify by its route pattern: no query, header or body', async () => {
    const out = sink();
    const options = { process: 'api', destination: out.destination };
    @Controller('things')
    class Things {
      @Get(':id')
      get() {
        return {};
      }
    }
    @Module({ imports: [loggerModule(options)], controllers: [Things] })
    class App {}
    const app = await NestFactory.create<NestFastifyApplication>(App, new FastifyAdapter(), {
      bufferLogs: true,
    });
    app.useLogger(app.get(NestLogger));
    logRequests(app.getHttpAdapter().getInstance(), createLogger(options));
    await app.init();
    await app.inject({
      method: 'GET',
      url: `/things/${PLANTED}?key=${PLANTED}`,
      headers: { authorization: PLANTED },
    });
    await app.inject({ method: 'GET', url: `/${PLANTED}` });
    await app.close();
    const requests = out.lines
      .map((line) => JSON.parse(line) as LogFields & { msg: string })
      .filter((line) => line.msg === 'request');
    expect(requests.map(({ method, route, status }) => [method, route, status])).toEqual([
      ['GET', '/things/:id', 200],
      ['GET', 'unmatched', 404],
    ]);
    expect(out.text()).not.toContain(PLANTED);
  });
});
