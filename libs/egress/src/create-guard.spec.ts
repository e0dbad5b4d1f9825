import { describe, expect, it } from '@jest/globals';
import { ConfigError, type KmsConfig } from '#lib/config';
import { createEgressGuard, type EgressSettings } from './create-guard.js';

const ORG = 'org_01jd0000000000000000000000';
const local: KmsConfig = {
  adapter: 'local',
  publicKeysetPath: '/keys',
  allowProduction: false,
  allowSymlink: false,
};
const names: Record<string, string[]> = {
  'db.internal': ['10.0.0.5', 'fd12::5'],
  'redis.internal': ['10.0.0.6'],
  'kms.eu-central-1.amazonaws.com': ['10.0.0.7'],
  'vault.internal': ['10.0.0.8'],
  'proxy.internal': ['10.0.0.9'],
  'api.example.com': ['93.184.216.34'],
};
let dnsIsDown = false;
const resolver = async (host: string): Promise<string[]> => {
  const found = dnsIsDown ? undefined : names[host];
  if (!found) throw new Error('not found');
  return found;
};
const settings: EgressSettings = {
  egressAllow: [],
  databaseUrl: 'postgresql://claviger_engine:hunter2@db.internal/claviger',
  redisUrl: 'redis://redis.internal',
  kms: local,
  egressProxy: {
    scheme: 'http',
    host: 'proxy.internal',
    port: 3128,
    connectBy: 'address',
    authorization: () => 'Basic c2VjcmV0',
  },
};
const aws: KmsConfig = { adapter: 'aws', keyId: 'k', region: 'eu-central-1' };
const vault: KmsConfig = { adapter: 'vault', address: 'https://vault.internal:8200', keyId: 'k', mount: 't' };
const boot = (entry: string, kms: KmsConfig = local) =>
  createEgressGuard(
    'engine',
    { ...settings, kms, egressAllow: ['http://10.1.1.1/32:11434', entry] },
    resolver,
  );

describe('#50 what can never be listed stops the boot', () => {
  it.each([
    ['the database', 'http://10.0.0.5/32:5432', local],
    ['the database', 'https://10.0.0.0/8:5432@org_01jd0000000000000000000000', local],
    ['the database', 'http://[fd12::]/16:5432', local],
    ['Redis', 'http://10.0.0.6/32:6379', local],
    ['the KMS', 'https://10.0.0.7/32:443', aws],
    ['the KMS', 'http://10.0.0.9/32:4566', { ...aws, endpoint: 'http://proxy.internal:4566' }],
    ['the KMS', 'https://10.0.0.8/32:8200', vault],
    ['the proxy', 'http://10.0.0.9/32:3128', local],
  ] as const)('%s: %s', async (what, entry, kms) => {
    const refusal = await boot(entry, kms).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ConfigError);
    const message = refusal instanceof Error ? refusal.message : '';
    expect(message).toContain('engine cannot start');
    expect(message).toContain(`CLAVIGER_EGRESS_ALLOW: lists ${entry}, which is where ${what} answers`);
    expect(message).not.toMatch(/hunter2|c2VjcmV0/);
  });

  it.each(['http://169.254.169.254/32:80', 'http://[fd00:ec2::254]/128:80', 'http://100.100.100.200/32:80'])(
    'a metadata service: %s',
    async (entry) => {
      await expect(boot(entry)).rejects.toThrow(
        /cannot start[^]*metadata and link-local addresses can never be listed/,
      );
    },
  );

  it('every faulty entry is told at once, and what is right boots', async () => {
    await expect(boot('nonsense, http://127.0.0.1')).rejects.toThrow(/cannot start[^]*nonsense/);
    for (const entry of ['http://10.0.0.5/32:8080', 'http://10.0.0.4/32:5432', 'https://10.0.0.8/32:443'])
      await expect(boot(entry)).resolves.toBeDefined();
  });
});

describe('#50 the platform’s own services when dialled', () => {
  it('are refused under any spelling, and under the address they had while DNS is away', async () => {
    const guard = await createEgressGuard('engine', settings, resolver);
    const detail = async (url: string) =>
      guard.checkUrl(url, ORG).then(
        () => 'allowed',
        (error: Error) => error.message,
      );
    for (const host of ['10.0.0.5', '[::ffff:10.0.0.5]', '[64:ff9b::a00:5]', '[2002:a00:5::]', '[fd12::5]'])
      expect([host, await detail(`https://${host}:5432/`)]).toEqual([
        host,
        expect.stringMatching(/own services/),
      ]);
    expect(await detail('http://10.0.0.9:3128/')).toMatch(/own services/);
    dnsIsDown = true;
    expect(await detail('https://10.0.0.5:5432/')).toMatch(/own services/);
    dnsIsDown = false;
    expect(await detail('https://api.example.com/')).toBe('allowed');
  });
});
