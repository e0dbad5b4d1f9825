import { describe, expect, it } from '@jest/globals';
import { parseEgressAllow } from './allow-list.js';
import { EgressGuard } from './guard.js';

const ORG = 'org_01jd0000000000000000000000';
const OTHER = 'org_01jd0000000000000000000001';

/** A resolver that knows these names and no others. */
const names: Record<string, string[]> = {
  'api.example.com': ['93.184.216.34', '2606:2800:220:1:248:1893:25c8:1946'],
  'private.example.com': ['10.1.2.3'],
  'mixed.example.com': ['93.184.216.34', '127.0.0.1'],
  'mapped.example.com': ['::ffff:192.168.1.1'],
  'nat64.example.com': ['64:ff9b::7f00:1'],
  'nat64-public.example.com': ['64:ff9b::5db8:d822'],
  'metadata.google.internal': ['169.254.169.254'],
  localhost: ['127.0.0.1', '::1'],
  'ollama.lan': ['10.1.2.3', '10.1.2.4'],
};
const resolver = async (host: string): Promise<string[]> => {
  const found = names[host];
  if (!found) throw Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
  return found;
};
const guardWith = (...allow: string[]) => new EgressGuard(parseEgressAllow(allow), { resolver });
const verdict = (guard: EgressGuard, url: string, org = ORG) =>
  guard.checkUrl(url, org).then(
    () => 'allowed',
    (error: { code?: string }) => error.code,
  );

/** Spellings of places that nobody may be led to. */
const forbidden = [
  // IPv4 loopback, as the WHATWG parser reads it
  'https://127.0.0.1/',
  'https://127.1/',
  'https://127.0.1/',
  'https://2130706433/',
  'https://0x7f000001/',
  'https://0x7f.1/',
  'https://0177.0.0.1/',
  'https://017700000001/',
  'https://0x7f.0x0.0x0.0x1/',
  'https://127.0.0.1./',
  'https://127.255.255.254/',
  'https://①②⑦.⓪.⓪.①/',
  'https://①②⑦.0.0.1/',
  'https://１２７.０.０.１/',
  'https://127。0。0。1/',
  'https://%31%32%37.0.0.1/',
  'https://127.0.0.1:443/',
  'HTTPS://127.0.0.1/',
  'https:127.0.0.1',
  'https:\\\\127.0.0.1\\',
  'https://127.0.0.1#@api.example.com/',
  'https://127.0.0.1?@api.example.com/',
  ' https://127.0.0.1/ ',
  'https://127.0.0.1\t/',
  'https://127.0\n.0.1/',
  // unspecified, private, shared, link-local, reserved, multicast, broadcast
  'https://0.0.0.0/',
  'https://0/',
  'https://10.0.0.1/',
  'https://10.255.255.255/',
  'https://172.16.0.1/',
  'https://172.31.255.255/',
  'https://192.168.0.1/',
  'https://3232235521/',
  'https://100.64.0.1/',
  'https://192.0.0.1/',
  'https://192.0.2.1/',
  'https://198.18.0.1/',
  'https://198.51.100.1/',
  'https://203.0.113.1/',
  'https://224.0.0.1/',
  'https://240.0.0.1/',
  'https://255.255.255.255/',
  // metadata services
  'https://169.254.169.254/',
  'https://2852039166/',
  'https://0xa9fea9fe/',
  'https://169.254.170.2/',
  'https://169.254.170.23/',
  'https://100.100.100.200/',
  'https://168.63.129.16/',
  'https://192.0.0.192/',
  'https://[fd00:ec2::254]/',
  'https://[fd20:ce::254]/',
  'https://[::ffff:169.254.169.254]/',
  'https://[64:ff9b::a9fe:a9fe]/',
  'https://[2002:a9fe:a9fe::]/',
  'https://metadata.google.internal/',
  // IPv6
  'https://[::1]/',
  'https://[::]/',
  'https://[0:0:0:0:0:0:0:1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[::127.0.0.1]/',
  'https://[::ffff:0:127.0.0.1]/',
  'https://[64:ff9b::127.0.0.1]/',
  'https://[64:ff9b::10.0.0.1]/',
  'https://[64:ff9b:1::1]/',
  'https://[2002:7f00:1::]/',
  'https://[2002:c0a8:1::1]/',
  'https://[2001:0:1::1]/',
  'https://[fe80::1]/',
  'https://[fec0::1]/',
  'https://[fc00::1]/',
  'https://[fd12:3456::1]/',
  'https://[ff02::1]/',
  'https://[2001:db8::1]/',
  'https://[100::1]/',
  'https://[3fff::1]/',
  'https://[4000::1]/',
  'https://[2600::5efe:127.0.0.1]/',
  // names
  'https://localhost/',
  'https://LOCALHOST/',
  'https://localhost./',
  'https://private.example.com/',
  'https://mixed.example.com/',
  'https://mapped.example.com/',
  'https://nat64.example.com/',
  // schemes, ports, user info, no URL at all
  'http://api.example.com/',
  'http://api.example.com:443/',
  'https://api.example.com:8443/',
  'https://api.example.com:80/',
  'https://93.184.216.34:22/',
  'https://user@api.example.com/',
  'https://user:pw@api.example.com/',
  'https://api.example.com@127.0.0.1/',
  'ftp://api.example.com/',
  'file:///etc/passwd',
  'gopher://api.example.com/',
  'data:text/plain,x',
  'javascript:1',
  'unix:/var/run/x',
  '//api.example.com/',
  '',
  'x',
  'https://',
  'https://[::1',
  'https://256.1.1.1/',
];

describe('#50 the SSRF guard', () => {
  it('has a corpus worth its name', () => {
    expect(new Set(forbidden).size).toBeGreaterThanOrEqual(60);
  });

  it.each(forbidden)('refuses %j', async (url) => {
    expect(await verdict(guardWith(), url)).toBe('egress_blocked');
  });

  it.each([
    'https://api.example.com/v1',
    'https://api.example.com:443/',
    'https://93.184.216.34/',
    'https://1.1.1.1/',
    'https://[2606:2800:220:1:248:1893:25c8:1946]/',
    'https://nat64-public.example.com/',
    'https://172.32.0.1/',
    'https://11.0.0.1/',
  ])('allows %j', async (url) => {
    expect(await verdict(guardWith(), url)).toBe('allowed');
  });

  it('lets a name that does not resolve be saved, and refuses to dial it', async () => {
    expect(await verdict(guardWith(), 'https://nowhere.example.com/v1')).toBe('allowed');
    expect(await verdict(guardWith(), 'http://nowhere.example.com/v1')).toBe('egress_blocked');
    const target = {
      scheme: 'https',
      host: 'nowhere.example.com',
      port: 443,
      origin: 'https://nowhere.example.com:443',
    } as const;
    await expect(guardWith().routesFor(target, ORG)).rejects.toMatchObject({ code: 'upstream_error' });
  });

  it('names the operator’s setting for a local address, ready to copy', async () => {
    await expect(guardWith().checkUrl('http://127.0.0.1:11434/v1', ORG)).rejects.toThrow(
      'CLAVIGER_EGRESS_ALLOW=http://127.0.0.1/32:11434',
    );
    await expect(guardWith().checkUrl('http://[::1]:11434/', ORG)).rejects.toThrow('=http://[::1]/128:11434');
  });

  it('does not tell tenants what an internal name resolves to', async () => {
    await expect(guardWith().checkUrl('https://private.example.com/', ORG)).rejects.not.toThrow('10.1.2.3');
  });
});

describe('#50 the operator’s allow-list', () => {
  it('opens exactly the scheme, network, port and organization that are listed', async () => {
    const guard = guardWith(`http://10.1.2.0/24:11434@${ORG}`, 'https://10.9.0.0/16:8443');
    expect(await verdict(guard, 'http://10.1.2.3:11434/')).toBe('allowed');
    expect(await verdict(guard, 'http://10.1.2.3:11434/', OTHER)).toBe('egress_blocked');
    expect(await verdict(guard, 'https://10.1.2.3:11434/')).toBe('egress_blocked');
    expect(await verdict(guard, 'http://10.1.2.3:11435/')).toBe('egress_blocked');
    expect(await verdict(guard, 'http://10.1.3.3:11434/')).toBe('egress_blocked');
    expect(await verdict(guard, 'https://10.9.7.7:8443/', OTHER)).toBe('allowed');
  });

  it('asks for every address of a name', async () => {
    expect(await verdict(guardWith('http://127.0.0.1/32:11434'), 'http://localhost:11434/')).toBe(
      'egress_blocked',
    );
    const both = guardWith('http://127.0.0.1/32:11434', 'http://[::1]/128:11434');
    expect(await verdict(both, 'http://localhost:11434/')).toBe('allowed');
    expect(await verdict(guardWith('http://10.1.2.3/32:80'), 'http://ollama.lan/')).toBe('egress_blocked');
    expect(await verdict(guardWith('http://10.1.2.0/24:80'), 'http://ollama.lan/')).toBe('allowed');
  });

  it('lists IPv4 for its mapped spelling too', async () => {
    expect(await verdict(guardWith('http://127.0.0.1/32:11434'), 'http://[::ffff:127.0.0.1]:11434/')).toBe(
      'allowed',
    );
  });

  it('never opens metadata services, however wide an entry is', async () => {
    const guard = guardWith('http://0.0.0.0/0:80', 'http://[::]/0:80');
    for (const host of [
      '169.254.169.254',
      '[::ffff:169.254.169.254]',
      '[fd00:ec2::254]',
      '100.100.100.200',
      '[64:ff9b::a9fe:a9fe]',
    ]) {
      expect([host, await verdict(guard, `http://${host}/latest/meta-data`)]).toEqual([
        host,
        'egress_blocked',
      ]);
    }
    expect(await verdict(guard, 'http://10.0.0.1/')).toBe('allowed');
  });

  it('never opens the platform’s own services, under any of their addresses', async () => {
    const allow = parseEgressAllow([
      'http://127.0.0.0/8:5432',
      'http://127.0.0.0/8:11434',
      'http://0.0.0.0/8:5432',
    ]);
    const guard = new EgressGuard(allow, { resolver, forbidden: [{ host: 'localhost', port: 5432 }] });
    for (const host of ['127.0.0.1', '127.0.0.2', '0.0.0.0', '[::ffff:127.0.0.1]']) {
      expect([host, await verdict(guard, `http://${host}:5432/`)]).toEqual([host, 'egress_blocked']);
    }
    expect(await verdict(guard, 'http://127.0.0.1:11434/')).toBe('allowed');
  });

  it.each([
    'localhost:11434',
    'http://localhost:11434',
    'http://127.0.0.1',
    'http://127.0.0.1/33:80',
    'http://[::1]/129:80',
    'ftp://127.0.0.1:21',
    'http://127.0.0.1:0',
    'http://127.0.0.1:99999',
    'http://127.0.0.1:80@org_x',
    'http://169.254.169.254/32:80',
    'http://127.0.0.999:80',
  ])('refuses the entry %j with its mend', (entry) => {
    expect(() => parseEgressAllow([entry])).toThrow(RangeError);
  });

  it('tells every faulty entry at once', () => {
    expect(() => parseEgressAllow(['a', 'http://127.0.0.1:80', 'b'])).toThrow(/"a".*"b"/);
    expect(parseEgressAllow(['', ' http://127.0.0.1:80 '])).toHaveLength(1);
  });
});
