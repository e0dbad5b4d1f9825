import { describe, expect, it } from '@jest/globals';
import { parseEgressAllow } from './allow-list.js';
import { EgressGuard } from './guard.js';
import { parseTarget } from './target.js';

const ORG = 'org_01jd0000000000000000000000';
const PRIVATE = [
  ...[
    'metadata',
    'metadata.google.internal',
    'METADATA.google.internal.',
    'instance-data',
    'host.docker.internal',
  ],
  ...['ip6-localhost', 'localhost.localdomain', 'api.internal', 'printer.local', 'a.localhost', 'nas.lan'],
  ...[
    'router.home.arpa',
    'postgres',
    'Redis',
    'wiki.corp',
    'kubernetes.default.svc',
    'db.default.svc.cluster.local',
  ],
];
const PUBLIC = [
  'api.openai.com',
  'local.example.com',
  'internal.example.org',
  'lan.dev',
  'home.arpa.example.com',
];

const knowsNothing = async (): Promise<string[]> => {
  throw Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
};
const answers = (address: string) => async () => [address];
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'allowed',
    (error: { code: string }) => error.code,
  );
const saved = (guard: EgressGuard, url: string) => codeOf(guard.checkUrl(url, ORG));
const dialled = (guard: EgressGuard, url: string) => codeOf(guard.routesFor(parseTarget(url), ORG));

describe('#50 a name of a private network', () => {
  it.each(PRIVATE)(
    '%s is refused when saved and when dialled, whatever DNS says or does not',
    async (host) => {
      for (const resolver of [knowsNothing, answers('93.184.216.34'), answers('10.1.2.3')]) {
        const guard = new EgressGuard([], { resolver });
        expect([
          await saved(guard, `https://${host}/v1`),
          await dialled(guard, `https://${host}/v1`),
        ]).toEqual(['egress_blocked', 'egress_blocked']);
      }
    },
  );

  it.each(PUBLIC)('%s is none: it may be saved before it resolves', async (host) => {
    expect(await saved(new EgressGuard([], { resolver: knowsNothing }), `https://${host}`)).toBe('allowed');
    const known = new EgressGuard([], { resolver: answers('93.184.216.34') });
    expect(await dialled(known, `https://${host}`)).toBe('allowed');
  });

  it('works where the operator listed what it resolves to, and may be saved where the entry could mean it', async () => {
    const allow = parseEgressAllow(['http://127.0.0.1/32:11434', 'https://10.0.0.0/8:443']);
    const loopback = new EgressGuard(allow, { resolver: answers('127.0.0.1') });
    expect(await saved(loopback, 'http://localhost:11434')).toBe('allowed');
    expect(await dialled(loopback, 'http://localhost:11434')).toBe('allowed');
    const near = new EgressGuard(allow, { resolver: answers('10.1.2.3') });
    expect(await dialled(near, 'https://llm.lan')).toBe('allowed');
    const unknown = new EgressGuard(allow, { resolver: knowsNothing });
    expect(await saved(unknown, 'http://ollama:11434')).toBe('allowed');
    expect(await saved(unknown, 'http://ollama:11435')).toBe('egress_blocked');
    // The address is judged when it is known: an entry for another one is none for this.
    const far = new EgressGuard(allow, { resolver: answers('192.168.1.1') });
    expect(await dialled(far, 'https://llm.lan')).toBe('egress_blocked');
  });

  it('of cloud metadata is refused whatever is listed', async () => {
    const allow = parseEgressAllow(['https://10.0.0.0/8:443']);
    for (const resolver of [knowsNothing, answers('10.1.2.3')]) {
      const guard = new EgressGuard(allow, { resolver });
      for (const host of ['metadata', 'metadata.google.internal', 'instance-data.ec2.internal']) {
        expect(await saved(guard, `https://${host}`)).toBe('egress_blocked');
        expect(await dialled(guard, `https://${host}`)).toBe('egress_blocked');
      }
    }
  });
});

describe('what a refusal calls an address', () => {
  it.each([
    ['https://127.0.0.1', 'a loopback address'],
    ['https://10.0.0.1', 'a private address'],
    ['https://[fd12::1]', 'a private address'],
    ['https://100.64.0.1', 'a shared address of a carrier’s network'],
    ['https://[::ffff:0:7f00:1]', 'an address of an IPv4/IPv6 translator'],
    ['https://[64:ff9b:1::7f00:1]', 'an address of an IPv4/IPv6 translator'],
    ['https://[2002:7f00:1::]', 'an address of an IPv4/IPv6 tunnel'],
    ['https://0.0.0.0', 'an unspecified address'],
    ['https://192.0.2.1', 'a reserved address'],
    ['https://[5f00::1]', 'a reserved address'],
  ])('%s: %s', async (url, words) => {
    const refusal = new EgressGuard([]).checkUrl(url, ORG);
    await expect(refusal).rejects.toThrow(`is ${words}, which provider and tool URLs may not reach`);
  });
});
