import { generateKeyPairSync } from 'node:crypto';
import { createServer, request as send, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { SignatureV4 } from '@smithy/signature-v4';
import { closeEgress, EgressGuard, guardedFetch, parseEgressAllow } from '#lib/egress';
import { hmacSha256, sha256 } from '#lib/kernel';
import {
  canariesIn,
  canaryEnvironment,
  startFakeUpstream,
  startForeignFake,
  WEATHER_TOOL,
  type FakeUpstream,
  type ForeignFake,
} from '#lib/testing';
import { secretsOf, type ModelEndpoint } from './endpoint.js';
import { listLiveModels } from './live-models.js';
import { runAgentLoop } from './loop.js';
import type { LoopEvent, LoopTool } from './loop-types.js';
import { mintAccessToken } from './vertex-token.js';

// Azure, Bedrock and Vertex against a fake that nobody here wrote, behind a relay of ours that records what arrived.

const PAIR = { accessKeyId: 'AKIATENANT5D0C77AB', secretAccessKey: 'tenant/secret+access/key/9f2c' };
const KEY = 'azure-tenant-5d0c77ab9f2c';
const VERTEX_PATH = '/v1/projects/p-1/locations/us-central1/publishers/google';

interface Arrival {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

let mock: ForeignFake;
let relay: Server;
let own: FakeUpstream;
let guard: EgressGuard;
let base: string;
const arrivals: Arrival[] = [];

beforeAll(async () => {
  mock = await startForeignFake();
  relay = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      const { method = '', url = '/', headers } = incoming;
      arrivals.push({ method, url, headers, body: body.toString() });
      const onward = send({ port: mock.port, host: '127.0.0.1', method, path: url, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      onward.end(body);
    });
  });
  await new Promise<void>((resolve) => void relay.listen(0, '127.0.0.1', resolve));
  own = await startFakeUpstream();
  const { port } = relay.address() as AddressInfo;
  base = `http://127.0.0.1:${port}`;
  guard = new EgressGuard(parseEgressAllow([port, own.port].map((each) => `http://127.0.0.1/32:${each}`)));
});
afterEach(() => {
  arrivals.length = 0;
  own.reset();
});
afterAll(async () => {
  await closeEgress(guard);
  relay.closeAllConnections();
  relay.close();
  await Promise.all([mock.stop(), own.stop()]);
});

const fetchOut = (): typeof fetch => guardedFetch({ guard, orgId: 'org_01jd0000000000000000000000' });

const azure = (): ModelEndpoint => ({
  protocol: 'azure',
  provider: 'azure',
  baseUrl: base,
  secret: KEY,
  cloud: { kind: 'azure', apiVersion: '2024-10-21', deployments: { 'gpt-4.1': 'my-gpt' } },
  fetch: fetchOut(),
});
const bedrock = (secret: string): ModelEndpoint => ({
  protocol: 'bedrock',
  provider: 'bedrock',
  baseUrl: base,
  secret,
  cloud: { kind: 'bedrock', region: 'eu-west-1' },
  fetch: fetchOut(),
});
const vertex = (accessToken: string | null): ModelEndpoint => ({
  protocol: 'gemini',
  provider: 'vertex',
  baseUrl: base + VERTEX_PATH,
  secret: accessToken === null ? KEY : JSON.stringify({ client_email: 'x', private_key: 'y' }),
  cloud: { kind: 'vertex', accessToken },
  fetch: fetchOut(),
});
const wires = [
  { name: 'azure', endpoint: azure, model: 'gpt-4.1' },
  { name: 'bedrock (SigV4)', endpoint: () => bedrock(JSON.stringify(PAIR)), model: 'anthropic.claude-v2:1' },
  { name: 'bedrock (bearer)', endpoint: () => bedrock('bedrock-key-5d0c'), model: 'amazon.nova-lite-v1:0' },
  { name: 'vertex', endpoint: () => vertex('ya29.minted-token'), model: 'gemini-2.5-flash' },
];

async function run(endpoint: ModelEndpoint, model: string, content: string, tools: LoopTool[] = []) {
  const events: LoopEvent[] = [];
  const messages = [{ role: 'user' as const, content }];
  for await (const event of runAgentLoop({ endpoint, model, messages, tools })) events.push(event);
  return events;
}

/** Signs the arrival anew with another library, and answers whether it comes to the same signature. */
async function signedBy(pair: typeof PAIR, { method, url, headers, body }: Arrival): Promise<boolean> {
  const [, names = ''] = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '') ?? [];
  const [, date = ''] = /^(\d{8}T\d{6}Z)$/.exec(String(headers['x-amz-date'])) ?? [];
  const signer = new SignatureV4({
    service: 'bedrock',
    region: 'eu-west-1',
    credentials: pair,
    sha256: Sha256,
    applyChecksum: false,
  });
  const at = date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z');
  const signed = await signer.sign(
    {
      method,
      protocol: 'http:',
      hostname: '127.0.0.1',
      path: new URL(url, base).pathname,
      query: {},
      headers: Object.fromEntries(names.split(';').map((name) => [name, String(headers[name])])),
      body,
    },
    { signingDate: new Date(at), unsignableHeaders: new Set(['authorization']) },
  );
  return signed.headers['authorization'] === headers.authorization;
}

/** SHA-256 and HMAC-SHA-256 in the form that the signer of AWS' own SDK asks for. */
class Sha256 {
  readonly #parts: (string | Uint8Array)[] = [];

  constructor(private readonly secret?: string | ArrayBuffer | ArrayBufferView) {}

  update(part: string | ArrayBuffer | ArrayBufferView): void {
    this.#parts.push(bytesOf(part));
  }

  async digest(): Promise<Uint8Array> {
    if (this.secret === undefined) return sha256(...this.#parts);
    return hmacSha256(bytesOf(this.secret), ...this.#parts);
  }

  reset(): void {
    this.#parts.length = 0;
  }
}

function bytesOf(part: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof part === 'string') return Buffer.from(part);
  if (part instanceof ArrayBuffer) return new Uint8Array(part);
  return new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
}

describe.each(wires)('#8 $name at its own wire', ({ endpoint, model }) => {
  it('streams a text', async () => {
    const events = await run(endpoint(), model, 'hello');
    expect(events.at(-1)).toMatchObject({ type: 'finished', text: 'Hello to you, too.', end: 'model' });
    expect(events.filter(({ type }) => type === 'text.delta').length).toBeGreaterThan(0);
  });

  it('goes twice round a tool', async () => {
    const events = await run(endpoint(), model, 'weather', [WEATHER_TOOL]);
    expect(events.find(({ type }) => type === 'tool.call')).toMatchObject({ name: 'get_weather' });
    expect(events.at(-1)).toMatchObject({ text: 'It is sunny in Oslo.' });
    expect(arrivals).toHaveLength(2);
  });

  it('#40 names a 429 and its Retry-After', async () => {
    await expect(run(endpoint(), model, 'limit')).rejects.toMatchObject({
      code: 'rate_limited',
      extras: { retryAfterSeconds: 7 },
    });
  });

  it('#30 D: sends the same with a canary in every vendor variable', async () => {
    const before = { ...process.env };
    Object.assign(process.env, canaryEnvironment(`${own.url}/v1`));
    try {
      await run(endpoint(), model, 'hello');
    } finally {
      for (const name of Object.keys(canaryEnvironment(''))) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
    }
    expect(arrivals).toHaveLength(1);
    expect([canariesIn(JSON.stringify(arrivals)), own.requests]).toEqual([[], []]);
  });

  it('#12 says that it cannot list, which is not a failure', async () => {
    await expect(listLiveModels(endpoint())).rejects.toMatchObject({ code: 'listing_unsupported' });
  });
});

describe('#16 credentials of the clouds', () => {
  it('azure: the key in api-key alone, the deployment in the path, the version in the query', async () => {
    await run(azure(), 'gpt-4.1', 'hello');
    const [{ url, headers } = {} as Arrival] = arrivals;
    expect(url).toBe('/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21');
    expect([headers['api-key'], headers.authorization]).toEqual([KEY, undefined]);
  });

  it('bedrock: a signature that another signer comes to as well, with and without a session token', async () => {
    for (const pair of [PAIR, { ...PAIR, sessionToken: 'session-token-77' }]) {
      arrivals.length = 0;
      await run(bedrock(JSON.stringify(pair)), 'anthropic.claude-v2:1', 'hello');
      const [arrival = {} as Arrival] = arrivals;
      expect(arrival.url).toBe('/model/anthropic.claude-v2%3A1/converse-stream');
      expect(await signedBy(pair, arrival)).toBe(true);
      expect(await signedBy({ ...pair, secretAccessKey: 'another' }, arrival)).toBe(false);
      expect(JSON.stringify(arrival)).not.toContain(PAIR.secretAccessKey);
      expect(arrival.headers['x-amz-security-token']).toBe(
        'sessionToken' in pair ? pair.sessionToken : undefined,
      );
    }
  });

  it('bedrock: a bearer key travels as one, and nothing is signed', async () => {
    await run(bedrock('bedrock-key-5d0c'), 'amazon.nova-lite-v1:0', 'hello');
    expect(arrivals[0]?.headers.authorization).toBe('Bearer bedrock-key-5d0c');
  });

  it('vertex: a minted token as bearer, an express key in its own header, never both', async () => {
    await run(vertex('ya29.minted-token'), 'gemini-2.5-flash', 'hello');
    await run(vertex(null), 'gemini-2.5-flash', 'hello');
    expect(arrivals.map(({ headers }) => [headers.authorization, headers['x-goog-api-key']])).toEqual([
      ['Bearer ya29.minted-token', undefined],
      [undefined, KEY],
    ]);
    expect(arrivals[0]?.url).toMatch(
      /^\/v1\/projects\/p-1\/locations\/us-central1\/publishers\/google\/models\//,
    );
  });

  it('vertex: Claude on Anthropic’s wire, below its own publisher', async () => {
    own.respond((call) => (call.vendor === 'anthropic' ? { text: 'Bonjour.' } : undefined));
    const endpoint = { ...vertex('ya29.minted-token'), baseUrl: own.url + VERTEX_PATH };
    expect((await run(endpoint, 'claude-sonnet-4-5@20250929', 'hello')).at(-1)).toMatchObject({
      text: 'Bonjour.',
    });
    const [request] = own.requests;
    expect(decodeURIComponent(request!.url)).toContain(
      '/publishers/anthropic/models/claude-sonnet-4-5@20250929:streamRawPredict',
    );
    expect(JSON.parse(request!.body)).toMatchObject({ anthropic_version: 'vertex-2023-10-16' });
    expect(request!.headers.authorization).toBe('Bearer ya29.minted-token');
  });

  it('the scrubber knows what signs and what is minted, not only what travels', () => {
    expect(secretsOf(bedrock(JSON.stringify({ ...PAIR, sessionToken: 'st-1' })))).toEqual([
      PAIR.secretAccessKey,
      'st-1',
    ]);
    expect(secretsOf(vertex('ya29.minted-token'))).toContain('ya29.minted-token');
  });
});

describe('#16 a service account', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const account = () => ({
    clientEmail: 'bot@p-1.iam.example',
    privateKey: pem,
    tokenUri: `${own.url}/token`,
    projectId: 'p-1',
  });
  const now = new Date('2026-11-21T12:00:00Z');

  it('is exchanged by an assertion that its public key verifies; its private key goes nowhere', async () => {
    const seen: { body: string }[] = [];
    const fetch: typeof globalThis.fetch = async (_url, init) => {
      seen.push({ body: String(init?.body) });
      return new Response(JSON.stringify({ access_token: 'ya29.fresh', expires_in: 3600 }));
    };
    expect(await mintAccessToken(account(), { fetch, now })).toBe('ya29.fresh');
    const assertion = new URLSearchParams(seen[0]?.body).get('assertion') ?? '';
    const [head = '', claims = '', signature = ''] = assertion.split('.');
    const { verify } = await import('node:crypto');
    const bytes = Buffer.from(`${head}.${claims}`);
    expect(verify('RSA-SHA256', bytes, publicKey, Buffer.from(signature, 'base64url'))).toBe(true);
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      iss: 'bot@p-1.iam.example',
      aud: `${own.url}/token`,
      exp: now.getTime() / 1000 + 300,
    });
    expect(seen[0]?.body).not.toContain(pem.slice(40, 80));
  });

  it('that is refused, or whose key is no key, is an upstream_auth_failed that quotes neither', async () => {
    const refusing: typeof fetch = async () =>
      new Response(JSON.stringify({ error: 'invalid_grant', error_description: `no: ${pem}` }), {
        status: 400,
      });
    const refused = mintAccessToken(account(), { fetch: refusing, now });
    await expect(refused).rejects.toMatchObject({ code: 'upstream_auth_failed' });
    await expect(refused).rejects.not.toThrow(pem.slice(40, 80));
    const echoing: typeof fetch = async (_url, init) => {
      const assertion = new URLSearchParams(String(init?.body)).get('assertion');
      const body = {
        access_token: 'ya29.withheld-5d0c77ab',
        error_description: `no: ${assertion} ya29.withheld-5d0c77ab.`,
      };
      return new Response(JSON.stringify(body), { status: 403 });
    };
    await expect(mintAccessToken(account(), { fetch: echoing, now })).rejects.toThrow(
      'Google refused the service account (403): no: [redacted] [redacted]. An OWNER',
    );
    const broken = mintAccessToken({ ...account(), privateKey: 'not-a-key-5d0c' }, { fetch: refusing, now });
    await expect(broken).rejects.toThrow(/no key in PEM form/);
    await expect(broken).rejects.not.toThrow(/5d0c/);
  });
});
