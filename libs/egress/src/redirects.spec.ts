import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startSink, type Sink } from '#lib/testing';
import { parseEgressAllow } from './allow-list.js';
import { EgressGuard } from './guard.js';
import { closeEgress, guardedFetch } from './guarded-fetch.js';

const ORG = 'org_01jd0000000000000000000000';
const STATUSES = [301, 302, 303, 307, 308];
const KEY = 'sk-redirected-0123456789';
const HEADERS = {
  authorization: `Bearer ${KEY}`,
  'x-api-key': KEY,
  'api-key': KEY,
  'x-goog-api-key': KEY,
  'x-second-secret': KEY,
};
const NAMES = Object.keys(HEADERS);

let first: Server;
let firstPort: number;
let second: Sink;
let answer = { status: 307, location: '' };
let asked = 0;

beforeAll(async () => {
  second = await startSink();
  first = createServer((request, response) => {
    asked += 1;
    request
      .resume()
      .once('end', () => response.writeHead(answer.status, { location: answer.location }).end());
  });
  first.listen(0, '127.0.0.1');
  await once(first, 'listening');
  firstPort = (first.address() as AddressInfo).port;
});
beforeEach(() => {
  second.reset();
  asked = 0;
});
afterAll(async () => {
  first.closeAllConnections();
  first.close();
  await second.stop();
});

/** Where a redirect points: an internal service, the metadata service's look-alike, and another public-looking place. */
const destinations = () => [
  `http://127.0.0.2:${second.port}/latest/meta-data/`,
  `http://[::1]:${second.port}/`,
  `http://second.example.com:${second.port}/v1?key=${KEY}`,
  `//127.0.0.1:${second.port}/`,
];
const cases = () =>
  STATUSES.flatMap((status) =>
    ['GET', 'POST'].flatMap((method) => destinations().map((location) => ({ status, method, location }))),
  );
const init = (method: string) => ({ method, headers: HEADERS, ...(method === 'POST' && { body: '{}' }) });

/** Credential headers that arrived at the second origin, by name. */
function arrived(): Record<string, number> {
  return Object.fromEntries(
    NAMES.map((name) => [name, second.requests.filter(({ headers }) => headers[name] !== undefined).length]),
  );
}

describe('#50 redirects 301, 302, 303, 307 and 308', () => {
  it('control: Node’s own fetch follows each, and takes every credential but Authorization along', async () => {
    let followed = 0;
    for (const { status, method, location } of cases()) {
      answer = { status, location: location.replace('second.example.com', '127.0.0.3') };
      await (await fetch(`http://127.0.0.1:${firstPort}/`, init(method))).text();
      followed += 1;
    }
    const total = cases().length;
    expect([followed, second.requests.length]).toEqual([total, total]);
    expect(arrived()).toEqual({
      ...Object.fromEntries(NAMES.map((name) => [name, total])),
      authorization: 0,
    });
    console.info(
      `redirect control: ${total} of ${total} redirects followed; credential headers at the second origin: ${JSON.stringify(arrived())}`,
    );
  });

  it('are errors: nothing reaches the second origin, even where the guard would let it', async () => {
    const guard = new EgressGuard(
      parseEgressAllow([
        `http://127.0.0.1/32:${firstPort}`,
        `http://127.0.0.0/8:${second.port}`,
        `http://[::1]:${second.port}`,
      ]),
      { resolver: async () => ['127.0.0.3'] },
    );
    const send = guardedFetch({ guard, orgId: ORG });
    for (const { status, method, location } of cases()) {
      answer = { status, location };
      const failure = await send(`http://127.0.0.1:${firstPort}/`, init(method)).then(
        () => ({ code: 'none', message: '' }),
        (error: { code: string; message: string }) => error,
      );
      expect([status, location, failure.code]).toEqual([status, location, 'egress_blocked']);
      expect(failure.message).toMatch(new RegExp(`redirect \\(${status}\\).*Enter the final address`));
      expect(failure.message).not.toContain(KEY);
    }
    // The way is open: it is the redirect that isn't taken.
    expect((await send(`http://second.example.com:${second.port}/`, { headers: {} })).status).toBe(200);
    expect([asked, second.requests.length, second.connections.length]).toEqual([cases().length, 1, 1]);
    expect(Object.values(arrived()).reduce((sum, count) => sum + count)).toBe(0);
    console.info(
      `redirects with the guarded fetch: ${asked} answers of 3xx, 0 requests and 0 credential headers at the second origin`,
    );
    await closeEgress(guard);
  });
});
