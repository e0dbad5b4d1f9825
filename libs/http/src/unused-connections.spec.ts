import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { createHttpApp } from './index.js';
import { unusedConnections } from './unused-connections.js';

@Module({})
class NoModule {}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const LONG = 'too long';

describe('a server that ends', () => {
  it('does not wait for a connection on which nothing was asked', async () => {
    const app = await createHttpApp(NoModule, { log: { info: () => undefined, error: () => undefined } });
    await app.listen(0, '127.0.0.1');
    const silent = connect(portOf(app.getHttpServer()), '127.0.0.1');
    silent.on('error', () => undefined);
    await once(silent, 'connect');
    await delay(50);
    expect(await Promise.race([app.close(), delay(10_000, LONG, { ref: false })])).not.toBe(LONG);
  });

  it('answers what was asked before', async () => {
    const server = createServer();
    const asked = once(server, 'request') as Promise<[IncomingMessage, ServerResponse]>;
    const unused = unusedConnections(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const answer = new Promise<string>((resolve, reject) => {
      get({ port: portOf(server), host: '127.0.0.1', agent: false }, (told) => {
        told.setEncoding('utf8').on('data', resolve);
      }).on('error', reject);
    });
    const [, response] = await asked;
    unused.end();
    response.end('told');
    expect(await answer).toBe('told');
    server.close();
    await once(server, 'close');
  });
});
