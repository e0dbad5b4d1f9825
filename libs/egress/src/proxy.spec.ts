import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import type { EgressProxyConfig } from '#lib/config';
import { PRIVATE_CA, startFakeProxy, type FakeProxy, type FakeProxyOptions } from '#lib/testing';
import { parseEgressAllow } from './allow-list.js';
import { Connector } from './connector.js';
import { EgressGuard } from './guard.js';
import { closeEgress, guardedFetch, type GuardedFetchOptions } from './guarded-fetch.js';
import { SendState } from './send-state.js';

const ORG = 'org_01jd0000000000000000000000';
const CREDENTIALS = 'claviger:hunter2-hunter2';
const KEY = 'sk-through-the-proxy-0123456789';
const { host: HOST, address: ADDRESS } = PRIVATE_CA.upstream;

let upstream: Server;
let upstreamPort: number;
let requests: { url: string; authorization: string | undefined; closed: Promise<void> }[] = [];
let proxies: FakeProxy[] = [];
let guards: EgressGuard[] = [];

beforeAll(async () => {
  upstream = createServer(PRIVATE_CA.upstream, (request, response) => {
    const closed = new Promise<void>((done) => response.once('close', () => done()));
    requests.push({ url: request.url ?? '', authorization: request.headers.authorization, closed });
    if (request.url === '/hang') return;
    if (request.url === '/stream') return void response.write('first');
    response.end('through the tunnel');
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  upstreamPort = (upstream.address() as AddressInfo).port;
});
beforeEach(() => {
  [requests, proxies, guards] = [[], [], []];
});
afterEach(async () => {
  await Promise.all(guards.map(closeEgress));
  await Promise.all(proxies.map((proxy) => proxy.stop()));
});
afterAll(async () => {
  upstream.closeAllConnections();
  await new Promise((resolve) => upstream.close(resolve));
});

async function proxyWith(options: Partial<FakeProxyOptions> = {}): Promise<FakeProxy> {
  const routes = (authority: string) =>
    [`${ADDRESS}:443`, `${HOST}:443`, 'only-the-proxy.knows.dev:443'].includes(authority)
      ? { host: '127.0.0.1', port: upstreamPort }
      : undefined;
  const proxy = await startFakeProxy({ credentials: CREDENTIALS, routes, ...options });
  proxies.push(proxy);
  return proxy;
}

const names: Record<string, string[]> = { [HOST]: [ADDRESS], 'private.example.com': ['10.0.0.8'] };
const resolver = async (host: string): Promise<string[]> => {
  const found = names[host];
  if (!found) throw Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
  return found;
};
const settings = (proxy: FakeProxy, more: Partial<EgressProxyConfig> = {}): EgressProxyConfig => ({
  scheme: 'http',
  host: '127.0.0.1',
  port: proxy.port,
  connectBy: 'address',
  authorization: () => `Basic ${Buffer.from(CREDENTIALS).toString('base64')}`,
  ...more,
});
function guardFor(egressProxy: EgressProxyConfig | null, allow: string[] = [], egressCa = [PRIVATE_CA.ca]) {
  const guard = new EgressGuard(parseEgressAllow(allow), { resolver, wayOut: { egressProxy, egressCa } });
  guards.push(guard);
  return guard;
}
function send(guard: EgressGuard, url = `https://${HOST}/v1`, more: Partial<GuardedFetchOptions> = {}) {
  const headers = { authorization: `Bearer ${KEY}` };
  return guardedFetch({ guard, orgId: ORG, ...more })(url, { headers });
}
const failure = (promise: Promise<unknown>): Promise<{ code?: string; message: string }> =>
  promise.then(
    () => ({ code: 'none', message: 'it was allowed' }),
    (error: { code?: string; message: string }) => error,
  );

describe('#50 through the operator’s proxy', () => {
  it.each([
    ['http', {}],
    ['https', { tls: PRIVATE_CA.proxy }],
  ] as const)(
    'reaches https through a tunnel of an %s proxy, to the judged address',
    async (scheme, options) => {
      const proxy = await proxyWith(options);
      const guard = guardFor(settings(proxy, { scheme }));
      expect(await (await send(guard)).text()).toBe('through the tunnel');
      // Until undici has the connection back in its pool.
      await new Promise((done) => setTimeout(done, 20));
      await (await send(guard)).text();
      expect(proxy.connects.map(({ authority }) => authority)).toEqual([`${ADDRESS}:443`]);
      expect(proxy.connects[0]?.headers).toMatchObject({
        host: `${ADDRESS}:443`,
        'proxy-authorization': `Basic ${Buffer.from(CREDENTIALS).toString('base64')}`,
      });
      expect(requests.map(({ authorization }) => authorization)).toEqual([`Bearer ${KEY}`, `Bearer ${KEY}`]);
      expect(proxy.others).toEqual([]);
    },
  );

  it('what the proxy sees of a call is the place: no key, no header, no path', async () => {
    const proxy = await proxyWith();
    await (await send(guardFor(settings(proxy)), `https://${HOST}/v1/very-private-path`)).text();
    const seen = inspect(proxy.connects, { depth: 9 }) + proxy.tunnelled();
    expect(proxy.tunnelled().length).toBeGreaterThan(300);
    expect(seen).not.toContain(KEY);
    expect(seen).not.toContain('very-private-path');
    expect(requests).toHaveLength(1);
  });

  it('by name: names are judged here where they resolve, and left to the proxy where they don’t', async () => {
    const proxy = await proxyWith();
    const guard = guardFor(settings(proxy, { connectBy: 'name' }));
    expect(await (await send(guard)).text()).toBe('through the tunnel');
    expect((await failure(send(guard, 'https://private.example.com/'))).code).toBe('egress_blocked');
    // The certificate is asked for by this name, which it lacks: whoever the proxy reached gets nothing.
    const unknown = await failure(send(guard, 'https://only-the-proxy.knows.dev/'));
    expect(unknown).toMatchObject({ code: 'upstream_error', message: expect.stringMatching(/certificate/) });
    for (const host of ['wiki', 'wiki.corp', 'wiki.internal', 'db.svc.cluster.local', 'printer.lan']) {
      expect([host, (await failure(send(guard, `https://${host}/`))).code]).toEqual([host, 'egress_blocked']);
    }
    const asked = proxy.connects.map(({ authority }) => authority);
    expect(asked).toEqual([`${HOST}:443`, 'only-the-proxy.knows.dev:443']);
    expect(requests).toHaveLength(1);
  });

  it('by address: a name without an address here is not asked of the proxy, and the setting is named', async () => {
    const proxy = await proxyWith();
    const unknown = await failure(send(guardFor(settings(proxy)), 'https://only-the-proxy.knows.dev/'));
    expect(unknown).toMatchObject({
      code: 'upstream_error',
      message: expect.stringContaining('CLAVIGER_EGRESS_PROXY_CONNECT=name'),
    });
    expect(proxy.connections()).toBe(0);
  });

  it('what may not be reached is refused before the proxy hears of it, and plain http never goes through it', async () => {
    const proxy = await proxyWith();
    const guard = guardFor(settings(proxy));
    for (const url of [
      'https://127.0.0.1/',
      'https://10.0.0.8/',
      'https://169.254.169.254/',
      'https://private.example.com/',
      `https://${HOST}:8443/`,
      `http://${HOST}/`,
      `http://127.0.0.1:${proxy.port}/`,
    ]) {
      expect([url, (await failure(send(guard, url))).code]).toEqual([url, 'egress_blocked']);
    }
    expect([proxy.connections(), proxy.others.length]).toEqual([0, 0]);
  });

  it('what the operator listed is near: it is reached straight, plain or not', async () => {
    const proxy = await proxyWith();
    const guard = guardFor(settings(proxy), [`https://127.0.0.1/32:${upstreamPort}`]);
    names[HOST] = ['127.0.0.1'];
    const answer = await send(guard, `https://${HOST}:${upstreamPort}/`).finally(
      () => (names[HOST] = [ADDRESS]),
    );
    expect(await answer.text()).toBe('through the tunnel');
    expect([proxy.connections(), requests.length]).toEqual([0, 1]);
  });
});

describe('the operator’s own CA', () => {
  it('is trusted besides the usual roots, straight and through the tunnel; without it nothing is sent', async () => {
    const straight = (egressCa: string[]) => {
      const guard = guardFor(null, [`https://127.0.0.1/32:${upstreamPort}`], egressCa);
      names[HOST] = ['127.0.0.1'];
      return send(guard, `https://${HOST}:${upstreamPort}/`).finally(() => (names[HOST] = [ADDRESS]));
    };
    expect(await (await straight([PRIVATE_CA.ca])).text()).toBe('through the tunnel');
    const proxy = await proxyWith();
    for (const refused of [
      await failure(straight([])),
      await failure(send(guardFor(settings(proxy), [], []))),
    ]) {
      expect(refused).toMatchObject({
        code: 'upstream_error',
        message: expect.stringMatching(/certificate was not accepted .*CLAVIGER_EGRESS_CA_FILE/),
      });
    }
    expect(requests).toHaveLength(1);
    expect(proxy.tunnelled()).not.toContain(KEY);
  });

  it('vouches for the name that was asked for, and no other, through the tunnel too', async () => {
    const proxy = await proxyWith({ routes: () => ({ host: '127.0.0.1', port: upstreamPort }) });
    names['api.vendor.dev'] = [ADDRESS];
    expect(await failure(send(guardFor(settings(proxy)), 'https://api.vendor.dev/'))).toMatchObject({
      code: 'upstream_error',
      message: expect.stringMatching(/certificate/),
    });
    expect(await (await send(guardFor(settings(proxy)), `https://${ADDRESS}/`)).text()).toBe(
      'through the tunnel',
    );
    expect(requests).toHaveLength(1);
  });

  it('a proxy whose own certificate is not trusted is told nothing', async () => {
    const proxy = await proxyWith({ tls: PRIVATE_CA.proxy });
    const refused = await failure(send(guardFor(settings(proxy, { scheme: 'https' }), [], [])));
    expect(refused).toMatchObject({ code: 'upstream_error', message: expect.stringMatching(/proxy/) });
    expect(proxy.connects).toEqual([]);
  });
});

describe('a proxy that fails', () => {
  const bad = { status: 503 };
  it.each([
    ['407', { status: 407 }, 'upstream_error', /407.*operator.*CLAVIGER_EGRESS_PROXY/],
    ['403', { status: 403 }, 'upstream_error', /403.*operator/],
    ['502', { status: 502 }, 'upstream_error', /502.*operator/],
    ['503', bad, 'upstream_error', /503.*operator/],
    ['504', { status: 504 }, 'upstream_timeout', /504.*operator/],
    ['a redirect', { status: 302 }, 'upstream_error', /302.*operator/],
    ['a closed connection', 'close', 'upstream_error', /operator.*CLAVIGER_EGRESS_PROXY/],
    ['words of its own inside the tunnel', 'speak first', 'upstream_error', /200.*operator/],
  ] as const)(
    '%s is a named error that says who can mend it, and nothing was sent',
    async (_, fault, code, text) => {
      const proxy = await proxyWith();
      proxy.fail(fault);
      const sendState = new SendState();
      const error = await failure(send(guardFor(settings(proxy)), undefined, { sendState }));
      expect(error).toMatchObject({ code, message: expect.stringMatching(text) });
      expect([proxy.connects.length, requests.length, sendState.bytesLeft]).toEqual([1, 0, false]);
      const shown = inspect(error, { depth: 9 });
      for (const secret of ['hunter2', Buffer.from(CREDENTIALS).toString('base64'), 'corp-secret-realm', KEY])
        expect(shown).not.toContain(secret);
      expect(error.message).not.toContain(String(proxy.port));
    },
  );

  it('wrong credentials are offered once, however many addresses the name has', async () => {
    const proxy = await proxyWith();
    names['two.example.com'] = [ADDRESS, '93.184.216.35'];
    const guard = guardFor(settings(proxy, { authorization: () => 'Basic d3Jvbmc=' }));
    expect((await failure(send(guard, 'https://two.example.com/'))).message).toMatch(/407/);
    expect(proxy.connects).toHaveLength(1);
  });

  it('an address that the proxy does not reach is followed by the name’s next one', async () => {
    const proxy = await proxyWith();
    names[HOST] = ['93.184.216.35', ADDRESS];
    const answer = await send(guardFor(settings(proxy))).finally(() => (names[HOST] = [ADDRESS]));
    expect(await answer.text()).toBe('through the tunnel');
    expect(proxy.connects.map(({ authority }) => authority)).toEqual(['93.184.216.35:443', `${ADDRESS}:443`]);
  });

  it('one that is down, or never answers, is named as well', async () => {
    const proxy = await proxyWith();
    const down = await failure(send(guardFor({ ...settings(proxy), port: 1 })));
    expect(down).toMatchObject({ code: 'upstream_error', message: expect.stringMatching(/proxy.*operator/) });
    proxy.fail('hang');
    const target = { scheme: 'https', host: HOST, port: 443, origin: `https://${HOST}:443` } as const;
    const connector = new Connector(guardFor(settings(proxy)), target, ORG, 50);
    const options = { protocol: 'https:', hostname: HOST, host: HOST, port: '443' };
    const silent = await failure(connector.open(options));
    expect(silent).toMatchObject({
      code: 'upstream_timeout',
      message: expect.stringMatching(/proxy.*operator/),
    });
    expect(requests).toEqual([]);
  });
});

describe('the fence through the tunnel', () => {
  it('C: is asked when the tunnel stands, right before headers are written; what it throws sends nothing', async () => {
    const proxy = await proxyWith();
    const sendState = new SendState();
    const seen: number[] = [];
    let open = false;
    const beforeSend = () => {
      seen.push(proxy.connects.length);
      if (!open) throw new Error('revoked');
    };
    const guard = guardFor(settings(proxy));
    expect((await failure(send(guard, undefined, { beforeSend, sendState }))).message).toBe('revoked');
    expect([seen, requests.length, sendState.bytesLeft]).toEqual([[1], 0, false]);
    open = true;
    await (await send(guard, undefined, { beforeSend, sendState })).text();
    open = false;
    expect((await failure(send(guard, undefined, { beforeSend, sendState }))).message).toBe('revoked');
    expect([requests.length, sendState.requests]).toEqual([1, 1]);
  });

  it('an abort ends the tunnel, and a break after sending says that the provider may have acted', async () => {
    const proxy = await proxyWith();
    const guard = guardFor(settings(proxy));
    const abort = new AbortController();
    const hanging = failure(
      guardedFetch({ guard, orgId: ORG })(`https://${HOST}/hang`, { signal: abort.signal }),
    );
    while (requests.length === 0) await new Promise((done) => setTimeout(done, 5));
    abort.abort(new Error('client went away'));
    expect((await hanging).message).toBe('client went away');
    await requests[0]?.closed;
    const answer = await send(guard, `https://${HOST}/stream`);
    await proxy.stop();
    proxies = [];
    expect(await failure(answer.text())).toMatchObject({
      code: 'upstream_error',
      message: expect.stringMatching(/may have acted/),
    });
  });
});
