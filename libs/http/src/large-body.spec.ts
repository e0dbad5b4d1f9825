import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Module, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { IncomingMessage, Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { createHttpApp } from './index.js';

@Controller('things')
class ThingsController {
  @Post()
  create(@Body() body: object): { fields: number } {
    return { fields: Object.keys(body).length };
  }
}

@Module({ controllers: [ThingsController] })
class TestModule {}

const MIB = 1_048_576;
const log = { info: () => undefined, error: () => undefined };

/** Writes one request with a body of `bytes`, as fast as the other side takes it. */
function pour(socket: Socket, bytes: number): Promise<void> {
  const head = `POST /things HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${bytes}\r\n\r\n`;
  const piece = Buffer.alloc(MIB, 'x');
  let left = bytes;
  socket.on('error', () => undefined);
  socket.write(head);
  return new Promise((done) => {
    const more = (): void => {
      while (socket.writable && left > 0) {
        const taken = socket.write(left < MIB ? piece.subarray(0, left) : piece);
        left -= MIB;
        if (!taken) return void socket.once('drain', more);
      }
      done();
    };
    socket.once('close', () => done());
    more();
  });
}

function closed(socket: Socket): Promise<void> {
  return new Promise((done) => socket.once('close', () => done()));
}

describe('a body over the limit', () => {
  let app: NestFastifyApplication;
  /** Waits half a second for a refused body, so that a slow machine's other clients here are no dawdlers. */
  let impatient: NestFastifyApplication;
  let url: string;
  const port = () => Number(new URL(url).port);

  beforeAll(async () => {
    app = await createHttpApp(TestModule, { log, drain: { bytes: 40 * MIB, ms: 60_000 } });
    impatient = await createHttpApp(TestModule, { log, drain: { bytes: 40 * MIB, ms: 500 } });
    for (const each of [app, impatient]) await each.listen(0, '127.0.0.1');
    url = await app.getUrl();
  });
  afterAll(() => Promise.all([app.close(), impatient.close()]));

  const text = (bytes: number) => JSON.stringify({ name: 'x'.repeat(bytes) });
  const answerTo = async (init: RequestInit): Promise<unknown> => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}/things`, { method: 'POST', headers, ...init });
    const { code } = (await response.json()) as { code: string };
    return [response.status, response.headers.get('content-type'), code];
  };
  const PROBLEM = [413, 'application/problem+json; charset=utf-8', 'payload_too_large'];

  it('is answered with a 413 problem every time, never with a broken connection, whatever its size', async () => {
    const answers: unknown[] = [];
    for (const mebibytes of [1, 1.5, 2, 3, 5, 8, 10, 20, 30]) {
      for (let time = 0; time < 4; time += 1) answers.push(await answerTo({ body: text(mebibytes * MIB) }));
    }
    expect(answers).toEqual(answers.map(() => PROBLEM));
  }, 120_000);

  it('also when its length is told by nobody', async () => {
    const chunk = new TextEncoder().encode('x'.repeat(MIB / 4));
    for (const chunks of [6, 12, 40, 100]) {
      let left = chunks;
      const body = new ReadableStream<Uint8Array>({
        pull: (sink) => ((left -= 1) > 0 ? sink.enqueue(chunk) : sink.close()),
      });
      const init = { body, duplex: 'half' } as const;
      expect(await answerTo(init)).toEqual(PROBLEM);
    }
  });

  it('by clients side by side, whose next calls are served as ever', async () => {
    const bodies = Array.from({ length: 8 }, (_, index) => text((index + 1) * 3 * MIB));
    const answers = await Promise.all(bodies.map((body) => answerTo({ body })));
    expect(answers).toEqual(answers.map(() => PROBLEM));
    const response = await fetch(`${url}/things`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"a":1}',
    });
    expect(await response.json()).toEqual({ fields: 1 });
  });

  it('is read no longer than the bound of seconds: who dawdles loses the connection', async () => {
    const socket = connect(Number(new URL(await impatient.getUrl()).port), '127.0.0.1');
    socket.write(
      `POST /things HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${30 * MIB}\r\n\r\n{`,
    );
    let heard = '';
    socket.on('data', (chunk: Buffer) => void (heard += chunk.toString()));
    socket.on('error', () => undefined);
    await closed(socket);
    expect(heard).toMatch(/^HTTP\/1.1 413 /);
  });

  it('is told to a client that reads nothing before it has written everything', async () => {
    for (const mebibytes of [1.5, 5, 10, 30]) {
      const socket = connect({ port: port(), host: '127.0.0.1' });
      await pour(socket, mebibytes * MIB);
      const heard = await new Promise<string>((done) => {
        socket.once('data', (chunk: Buffer) => done(chunk.toString()));
        if (socket.closed) done('closed');
        else socket.once('close', () => done('closed'));
      });
      socket.destroy();
      expect(heard).toMatch(/^HTTP\/1.1 413 /);
    }
  });

  it('is read no further than the bound of bytes', async () => {
    const server: Server = app.getHttpServer();
    const whole = new Promise<number>((done) => {
      server.once('request', ({ socket }: IncomingMessage) => {
        socket.once('close', () => done(socket.bytesRead));
      });
    });
    const socket = connect(port(), '127.0.0.1');
    socket.resume();
    const gone = closed(socket);
    void pour(socket, 4_000 * MIB);
    await gone;
    const read = await whole;
    expect(read).toBeGreaterThan(40 * MIB);
    expect(read).toBeLessThan(60 * MIB);
  });
});
