import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { TLS_FIXTURE } from '#lib/testing';
import { parseEgressAllow } from './allow-list.js';
import { EgressGuard } from './guard.js';
import { closeEgress, guardedFetch } from './guarded-fetch.js';

const ORG = 'org_01jd0000000000000000000000';
const trusted = tls.getCACertificates('default');
let server: Server;
let port: number;
let guard: EgressGuard;
/** The names that clients asked for in their handshakes, and the requests that got through. */
let asked: string[] = [];
let requests: string[] = [];

const SNICallback = (name: string, answer: (error: Error | null) => void) => {
  asked.push(name);
  answer(null);
};

beforeAll(async () => {
  server = createServer(
    { key: TLS_FIXTURE.key, cert: TLS_FIXTURE.cert, SNICallback },
    (request, response) => {
      requests.push(`${request.headers.host} ${request.headers.authorization}`);
      response.end('over TLS');
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterEach(async () => {
  tls.setDefaultCACertificates(trusted);
  await closeEgress(guard);
  [asked, requests] = [[], []];
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function send(host: string): Promise<Response> {
  guard = new EgressGuard(parseEgressAllow([`https://127.0.0.1/32:${port}`]), {
    resolver: async () => ['127.0.0.1'],
  });
  return guardedFetch({ guard, orgId: ORG })(`https://${host}:${port}/v1`, {
    headers: { authorization: 'Bearer k-123456' },
  });
}

describe('#50 https, dialled by address', () => {
  it('asks for the name of the URL and checks the certificate against it', async () => {
    tls.setDefaultCACertificates([...trusted, TLS_FIXTURE.cert]);
    expect(await (await send(TLS_FIXTURE.host)).text()).toBe('over TLS');
    expect(asked).toEqual([TLS_FIXTURE.host]);
    expect(requests).toEqual([`${TLS_FIXTURE.host}:${port} Bearer k-123456`]);
  });

  it.each(['other.example.com', '127.0.0.1'])(
    'sends nothing to %s, whose name the certificate lacks',
    async (host) => {
      tls.setDefaultCACertificates([...trusted, TLS_FIXTURE.cert]);
      await expect(send(host)).rejects.toMatchObject({
        code: 'upstream_error',
        message: expect.stringMatching(/certificate/),
      });
      expect(requests).toEqual([]);
    },
  );

  it('sends nothing when the certificate is not trusted', async () => {
    await expect(send(TLS_FIXTURE.host)).rejects.toMatchObject({
      code: 'upstream_error',
      message: expect.stringMatching(/certificate/),
    });
    expect(requests).toEqual([]);
  });
});
