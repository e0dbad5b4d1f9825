import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { forward } from './forward';

let server: Server | undefined;

/** A plane that answers with `reply`; resolves with its URL. */
async function plane(
  reply: (request: IncomingMessage, body: string, write: (piece: string) => void, end: () => void) => void,
): Promise<string> {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      response.setHeader('set-cookie', ['a=1; HttpOnly', 'b=2']);
      response.setHeader('content-type', 'text/event-stream');
      reply(
        request,
        body,
        (piece) => response.write(piece),
        () => response.end(),
      );
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => {
  server?.close();
});

describe('handing requests on to a plane', () => {
  it('passes on what a plane needs and nothing that it does not', async () => {
    let seen: IncomingMessage | undefined;
    const base = await plane((request, body, write, end) => {
      seen = request;
      write(body);
      end();
    });
    const response = await forward(
      new Request('http://claviger.test/api/v1/x?y=1', {
        method: 'POST',
        body: 'hello',
        headers: {
          host: 'claviger.test',
          origin: 'http://claviger.test',
          'x-csrf-token': 't',
          cookie: 'claviger_session=s',
          'x-evil': '1',
          'x-forwarded-for': '203.0.113.9',
          'x-claviger-peer': '198.51.100.7',
        },
      }),
      base,
      '/api/v1/x',
    );
    expect(await response.text()).toBe('hello');
    expect(response.headers.getSetCookie()).toEqual(['a=1; HttpOnly', 'b=2']);
    expect(seen?.url).toBe('/api/v1/x?y=1');
    expect(seen?.headers).toMatchObject({
      origin: 'http://claviger.test',
      'x-csrf-token': 't',
      cookie: 'claviger_session=s',
      'accept-encoding': 'identity',
      'x-forwarded-for': '203.0.113.9, 198.51.100.7',
    });
    expect(seen?.headers['x-evil']).toBeUndefined();
  });

  it('#34 streams: a piece is there before the plane has ended', async () => {
    let finish: () => void = () => undefined;
    const base = await plane((_request, _body, write, end) => {
      write('data: 1\n\n');
      finish = end;
    });
    const response = await forward(
      new Request('http://claviger.test/engine/internal/v1/x'),
      base,
      '/internal/v1/x',
    );
    const reader = response.body?.getReader();
    const { value } = (await reader?.read()) ?? {};
    expect(new TextDecoder().decode(value)).toBe('data: 1\n\n');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    finish();
    expect((await reader?.read())?.done).toBe(true);
  });

  it('answers a problem with a request id where a plane does not answer', async () => {
    const response = await forward(
      new Request('http://claviger.test/engine/internal/v1/x'),
      'http://127.0.0.1:1',
      '/internal/v1/x',
    );
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      code: 'engine_unavailable',
      requestId: expect.stringMatching(/^req_/),
    });
  });
});
