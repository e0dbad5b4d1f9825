import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { startFakeUpstream, type FakeUpstream } from '#lib/testing';
import { parseEgressAllow } from './allow-list.js';
import { EgressGuard, type EgressGuardOptions } from './guard.js';
import { closeEgress, guardedFetch, type GuardedFetchOptions } from './guarded-fetch.js';
import { SendState } from './send-state.js';

const ORG = 'org_01jd0000000000000000000000';
let fake: FakeUpstream;
const guards: EgressGuard[] = [];

beforeAll(async () => {
  fake = await startFakeUpstream();
});
afterEach(async () => {
  fake.reset();
  await Promise.all(guards.splice(0).map(closeEgress));
});
afterAll(() => fake.stop());

function guardFor(allow: string[], options: EgressGuardOptions = {}): EgressGuard {
  const guard = new EgressGuard(parseEgressAllow(allow), options);
  guards.push(guard);
  return guard;
}
const openGuard = () => guardFor([`http://127.0.0.1/32:${fake.port}`]);
const fetcher = (more: Partial<GuardedFetchOptions> = {}) =>
  guardedFetch({ guard: openGuard(), orgId: ORG, ...more });
const chat = {
  method: 'POST',
  headers: { authorization: 'Bearer k-123456', 'content-type': 'application/json' },
  body: '{"model":"m","messages":[]}',
};
const chatUrl = () => `${fake.baseUrls.openai}/chat/completions`;
const error = (promise: Promise<unknown>): Promise<{ code?: string; message: string; name: string }> =>
  promise.then(
    () => ({ code: 'none', message: 'it was allowed', name: '' }),
    (reason: { code?: string; message: string; name: string }) => reason,
  );

describe('guarded fetch', () => {
  it('sends method, headers and body, and gives the answer back', async () => {
    const response = await fetcher()(chatUrl(), chat);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ object: 'chat.completion' });
    expect(fake.requests[0]).toMatchObject({
      method: 'POST',
      body: chat.body,
      headers: { authorization: 'Bearer k-123456' },
    });
    expect(fake.requests[0]?.headers['accept-encoding']).toBe('identity');
  });

  it('#50 opens no socket to what the guard refuses, IP literals included', async () => {
    const shut = guardedFetch({ guard: guardFor([]), orgId: ORG });
    const untouched = await startFakeUpstream();
    expect(await error(shut(`${untouched.url}/v1/chat/completions`, chat))).toMatchObject({
      code: 'egress_blocked',
    });
    expect([await untouched.connections(), untouched.requests.length]).toEqual([0, 0]);
    await untouched.stop();
  });

  it('#50 control: with the guard opened the same request reaches the sink', async () => {
    expect((await fetcher()(chatUrl(), chat)).status).toBe(200);
    expect(fake.requests).toHaveLength(1);
  });

  it('#50 rebinding: a name that turns private between check and dial is not reached', async () => {
    const answers = [['93.184.216.34'], ['127.0.0.1']];
    const resolver = async () => answers.shift() ?? ['127.0.0.1'];
    const guard = guardFor([], { resolver });
    await guard.checkUrl('https://rebind.example.com/v1', ORG);
    const failure = await error(guardedFetch({ guard, orgId: ORG })('https://rebind.example.com/v1', chat));
    expect(failure.code).toBe('egress_blocked');
  });

  it('#50 rebinding: the address that was judged is the one that is dialled, however DNS answers next', async () => {
    let asked = 0;
    const resolver = async () => [(asked += 1) === 1 ? '127.0.0.1' : '127.0.0.2'];
    const guard = guardFor([`http://127.0.0.1/32:${fake.port}`], { resolver });
    const response = await guardedFetch({ guard, orgId: ORG })(
      `http://once.example.com:${fake.port}/openai/v1/models`,
      chat,
    );
    expect(response.status).toBe(404);
    expect(asked).toBe(1);
    expect(fake.requests[0]?.headers.host).toBe(`once.example.com:${fake.port}`);
  });

  it('#50 the peer of a socket must be the address that was judged', async () => {
    const guard = openGuard();
    const target = { scheme: 'http', host: 'x', port: fake.port, origin: 'http://x' } as const;
    await expect(guard.checkPeer(target, '127.0.0.1', '127.0.0.1', ORG)).resolves.toBeUndefined();
    await expect(guard.checkPeer(target, '127.0.0.1', '::ffff:127.0.0.1', ORG)).resolves.toBeUndefined();
    for (const peer of ['127.0.0.2', '10.0.0.1', undefined]) {
      await expect(guard.checkPeer(target, '127.0.0.1', peer, ORG)).rejects.toMatchObject({
        code: 'egress_blocked',
      });
    }
  });

  it('#50 each new socket is asked for its peer before anything is written; a wrong one ends it', async () => {
    const peers: (string | undefined)[] = [];
    class Watching extends EgressGuard {
      override async checkPeer(
        ...[target, dialled, peer, orgId]: Parameters<EgressGuard['checkPeer']>
      ): Promise<void> {
        peers.push(peer);
        await super.checkPeer(target, dialled, peers.length > 1 ? '127.0.0.2' : peer, orgId);
      }
    }
    const guard = new Watching(parseEgressAllow([`http://127.0.0.1/32:${fake.port}`]));
    guards.push(guard);
    const ask = (orgId: string) => guardedFetch({ guard, orgId })(chatUrl(), chat);
    expect((await ask(ORG)).status).toBe(200);
    expect(await error(ask(`${ORG}b`))).toMatchObject({
      code: 'egress_blocked',
      message: expect.stringMatching(/Nothing was sent/),
    });
    expect([peers, fake.requests.length]).toEqual([['127.0.0.1', '127.0.0.1'], 1]);
  });

  it.each([301, 302, 303, 307, 308])(
    '#50 a %i redirect is an error, and the key goes nowhere else',
    async (status) => {
      const sink = await startFakeUpstream();
      fake.script({ status, headers: { location: `${sink.url}/openai/v1/chat/completions?key=k-123456` } });
      const headers = { ...chat.headers, 'x-api-key': 'k-123456', 'x-goog-api-key': 'k-123456' };
      const failure = await error(fetcher()(chatUrl(), { ...chat, headers }));
      fake.script({ status, headers: { location: sink.url } });
      const bearer = await error(fetcher()(chatUrl(), chat));
      expect([failure.code, bearer.code]).toEqual(['egress_blocked', 'egress_blocked']);
      expect(failure.message).not.toContain('k-123456');
      expect(sink.requests).toHaveLength(0);
      await sink.stop();
    },
  );

  it('#30 goes to no proxy that the environment names', async () => {
    const proxy = createServer((_request, response) => response.end('proxied'));
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    let reached = 0;
    proxy.on('connection', () => (reached += 1));
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const names = [
      'HTTP_PROXY',
      'http_proxy',
      'HTTPS_PROXY',
      'https_proxy',
      'ALL_PROXY',
      'NODE_USE_ENV_PROXY',
    ];
    for (const name of names) process.env[name] = name.startsWith('NODE') ? '1' : url;
    expect((await fetcher()(chatUrl(), chat)).status).toBe(200);
    for (const name of names) delete process.env[name];
    expect([reached, fake.requests.length]).toEqual([0, 1]);
    await new Promise((resolve) => proxy.close(resolve));
  });

  it('sends a key only to the origins that it was sealed for', async () => {
    const allowedOrigins = ['https://api.anthropic.com:443'];
    expect(await error(fetcher({ allowedOrigins })(chatUrl(), chat))).toMatchObject({
      code: 'egress_blocked',
    });
    expect(fake.requests).toHaveLength(0);
    expect(
      (await fetcher({ allowedOrigins: [`http://127.0.0.1:${fake.port}`] })(chatUrl(), chat)).status,
    ).toBe(200);
  });

  it('keeps connections of one organization for it alone', async () => {
    const guard = openGuard();
    for (const orgId of [ORG, ORG, `${ORG}b`]) {
      await (await guardedFetch({ guard, orgId })(chatUrl(), chat)).text();
      await new Promise((done) => setTimeout(done, 20));
    }
    const ports = fake.requests.map((request) => request.remotePort);
    expect(ports[0]).toBe(ports[1]);
    expect(ports[2]).not.toBe(ports[0]);
  });
});

describe('the fence before headers', () => {
  it('C: what it throws is what the caller gets, and no byte of the request leaves', async () => {
    const sendState = new SendState();
    const closed = new Error('revoked');
    const send = fetcher({
      sendState,
      beforeSend: () => {
        throw closed;
      },
    });
    expect(await error(send(chatUrl(), chat))).toBe(closed);
    expect(fake.requests).toHaveLength(0);
    expect(sendState.bytesLeft).toBe(false);
  });

  it('C: is asked for each request, with a socket at hand, also when a connection is reused', async () => {
    let open = true;
    const guard = openGuard();
    const send = guardedFetch({
      guard,
      orgId: ORG,
      beforeSend: () => {
        if (!open) throw new Error('revoked');
      },
    });
    await (await send(chatUrl(), chat)).text();
    open = false;
    expect((await error(send(chatUrl(), chat))).message).toBe('revoked');
    open = true;
    await (await send(chatUrl(), chat)).text();
    expect(fake.requests).toHaveLength(2);
  });

  it('C: a promise holds the request back, and the fence is asked again afterwards', async () => {
    const seen: string[] = [];
    let fresh = false;
    const beforeSend = () => {
      seen.push(fresh ? 'fresh' : 'stale');
      if (fresh) return undefined;
      return Promise.resolve().then(() => {
        fresh = true;
      });
    };
    expect((await fetcher({ beforeSend })(chatUrl(), chat)).status).toBe(200);
    expect(seen).toEqual(['stale', 'fresh']);
    expect(fake.requests).toHaveLength(1);
  });

  it('C: a refresh that fails sends nothing; one that never gets fresh gives up', async () => {
    const failing = fetcher({ beforeSend: () => Promise.reject(new Error('database unreachable')) });
    expect((await error(failing(chatUrl(), chat))).message).toBe('database unreachable');
    const never = fetcher({ beforeSend: () => Promise.resolve() });
    expect((await error(never(chatUrl(), chat))).code).toBe('overloaded');
    expect(fake.requests).toHaveLength(0);
  });
});

describe('endings', () => {
  const streaming = { ...chat, body: '{"model":"m","stream":true,"messages":[]}' };

  it('an abort before and during the answer ends the connection', async () => {
    fake.script({ hang: 'headers' }, { text: ['a', 'b'], hang: 'body' });
    const early = new AbortController();
    const waiting = error(fetcher()(chatUrl(), { ...streaming, signal: early.signal }));
    setTimeout(() => early.abort(), 50);
    expect((await waiting).name).toBe('AbortError');
    const late = new AbortController();
    const response = await fetcher()(chatUrl(), { ...streaming, signal: late.signal });
    const reader = response.body!.getReader();
    await reader.read();
    late.abort(new Error('client went away'));
    expect(
      (
        await error(
          (async () => {
            for (;;) if ((await reader.read()).done) return;
          })(),
        )
      ).message,
    ).toBe('client went away');
    for (let wait = 0; wait < 100 && (await fake.connections()) > 0; wait += 1)
      await new Promise((done) => setTimeout(done, 10));
    expect(await fake.connections()).toBe(0);
  });

  it('an aborted signal sends nothing at all', async () => {
    expect((await error(fetcher()(chatUrl(), { ...chat, signal: AbortSignal.abort() }))).name).toBe(
      'AbortError',
    );
    expect(fake.requests).toHaveLength(0);
  });

  it('silence ends in upstream_timeout, before the headers and amid the answer', async () => {
    fake.script({ hang: 'headers' }, { text: ['a'], hang: 'body' });
    expect((await error(fetcher({ headerDeadlineMs: 60 })(chatUrl(), chat))).code).toBe('upstream_timeout');
    const response = await fetcher({ idleDeadlineMs: 60 })(chatUrl(), streaming);
    expect((await error(response.text())).code).toBe('upstream_timeout');
  });

  it('a broken connection is upstream_error, and says whether the request had left', async () => {
    const sendState = new SendState();
    fake.script({ text: ['a', 'b'], cutAfter: 1 });
    const reading = fetcher({ sendState })(chatUrl(), streaming).then((response) => response.text());
    expect(await error(reading)).toMatchObject({
      code: 'upstream_error',
      message: expect.stringMatching(/may have acted/),
    });
    expect(sendState.requests).toBe(1);
    const nobody = guardedFetch({ guard: guardFor(['http://127.0.0.1/32:1']), orgId: ORG });
    expect(await error(nobody('http://127.0.0.1:1/', chat))).toMatchObject({
      code: 'upstream_error',
      message: expect.stringMatching(/nothing listens/),
    });
  });

  it('an answer beyond the limit is cut off', async () => {
    fake.script({ text: 'x'.repeat(10_000) });
    const response = await fetcher({ maxResponseBytes: 1_000 })(chatUrl(), chat);
    expect((await error(response.text())).code).toBe('upstream_error');
  });

  it('a reader that is slow slows the server down, and loses nothing', async () => {
    const size = 3_000_000;
    fake.script({ text: 'y'.repeat(size) });
    const response = await fetcher()(chatUrl(), chat);
    await new Promise((done) => setTimeout(done, 50));
    const body = (await response.json()) as { choices: { message: { content: string } }[] };
    expect(body.choices[0]?.message.content).toHaveLength(size);
  });
});

describe('what a server packs though it was not asked to', () => {
  const packed = async (bytes: Buffer, encoding: 'gzip' | 'deflate') => {
    const pack = encoding === 'gzip' ? gzipSync : deflateSync;
    const server = createServer((_request, response) => {
      response
        .writeHead(200, { 'content-encoding': encoding, 'content-type': 'text/plain' })
        .end(pack(bytes));
    });
    await new Promise<void>((up) => server.listen(0, '127.0.0.1', up));
    const { port } = server.address() as AddressInfo;
    const guard = guardFor([`http://127.0.0.1/32:${port}`]);
    const call = guardedFetch({ guard, orgId: ORG, maxResponseBytes: 65_536 });
    try {
      const answer = await call(`http://127.0.0.1:${port}/`);
      return (await answer.text()).length;
    } finally {
      server.closeAllConnections();
      server.close();
    }
  };

  it.each(['gzip', 'deflate'] as const)(
    '#33 %s: is unpacked, and counts as long as it is then',
    async (encoding) => {
      expect(await packed(Buffer.alloc(60_000, 'x'), encoding)).toBe(60_000);
      expect(await error(packed(Buffer.alloc(50_000_000, 'x'), encoding))).toMatchObject({
        code: 'upstream_error',
        message: 'The answer is longer than 65536 bytes and was cut off.',
      });
    },
  );
});
