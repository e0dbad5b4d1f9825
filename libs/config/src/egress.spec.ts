import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { PRIVATE_CA, TLS_FIXTURE } from '#lib/testing';
import { ConfigError, loadApiConfig, loadEngineConfig } from './index.js';

const folder = mkdtempSync(join(tmpdir(), 'egress-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const env = {
  DATABASE_URL: 'postgresql://claviger_engine:x@localhost/claviger',
  CLAVIGER_KMS_PRIVATE_KEYSET: '/keys/call.json',
  CLAVIGER_TICKET_PUBLIC_KEY: '/keys/ticket.pem',
};
function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}
function faultsOf(settings: Record<string, string>): Record<string, string> {
  try {
    loadEngineConfig({ ...env, ...settings });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return Object.fromEntries(
      error.faults.map((fault) => [fault.variable, `${fault.problem}. ${fault.mend}`]),
    );
  }
  return {};
}
const proxyOf = (settings: Record<string, string>) => loadEngineConfig({ ...env, ...settings }).egressProxy;

describe('#50 the operator’s way out', () => {
  it('is straight and trusts the usual roots unless told', () => {
    expect(loadEngineConfig(env)).toMatchObject({ egressProxy: null, egressCa: [] });
    const vendors = {
      HTTPS_PROXY: 'http://other:1',
      HTTP_PROXY: 'http://other:1',
      https_proxy: 'http://other:1',
    };
    const more = { ALL_PROXY: 'http://other:1', NODE_USE_ENV_PROXY: '1', NODE_EXTRA_CA_CERTS: '/x' };
    expect(loadEngineConfig({ ...env, ...vendors, ...more })).toMatchObject({
      egressProxy: null,
      egressCa: [],
    });
  });

  it.each([
    ['http://proxy.example.com:3128', 'http', 'proxy.example.com', 3128],
    ['https://proxy.example.com:8443/', 'https', 'proxy.example.com', 8443],
    ['http://[fd00::7]:3128', 'http', 'fd00::7', 3128],
    ['https://proxy.example.com', 'https', 'proxy.example.com', 443],
  ])('takes %s', (text, scheme, host, port) => {
    const proxy = proxyOf({ CLAVIGER_EGRESS_PROXY: text });
    expect(proxy).toMatchObject({ scheme, host, port, connectBy: 'address' });
    expect(proxy?.authorization()).toBeNull();
    const byName = proxyOf({ CLAVIGER_EGRESS_PROXY: text, CLAVIGER_EGRESS_PROXY_CONNECT: 'name' });
    expect(byName?.connectBy).toBe('name');
  });

  it('takes credentials from a file, decodes them, and shows them to nobody', () => {
    const CLAVIGER_EGRESS_PROXY_FILE = file(
      'proxy',
      'http://cla%40corp:p%3Aw%C3%A4rd@proxy.example.com:3128\n',
    );
    const config = loadEngineConfig({ ...env, CLAVIGER_EGRESS_PROXY_FILE });
    const basic = `Basic ${Buffer.from('cla@corp:p:wärd').toString('base64')}`;
    expect(config.egressProxy?.authorization()).toBe(basic);
    for (const shown of [JSON.stringify(config), inspect(config, { depth: 9, showHidden: true })])
      expect(shown).not.toMatch(/cla@corp|cla%40|rd@proxy|Basic/);
    expect(config.warnings).toEqual([]);
  });

  it('lists every fault with the others, each with its mend, never the value', () => {
    const faults = faultsOf({
      CLAVIGER_ENGINE_PORT: 'x',
      CLAVIGER_EGRESS_PROXY: 'socks5://user:hunter2@proxy:1080',
      CLAVIGER_EGRESS_PROXY_CONNECT: 'maybe',
      CLAVIGER_EGRESS_CA_FILE: join(folder, 'gone.pem'),
    });
    expect(Object.keys(faults).sort()).toEqual([
      'CLAVIGER_EGRESS_CA_FILE',
      'CLAVIGER_EGRESS_PROXY',
      'CLAVIGER_EGRESS_PROXY_CONNECT',
      'CLAVIGER_ENGINE_PORT',
    ]);
    for (const text of Object.values(faults)) expect(text).toMatch(/^\S.*\. (Use|Write|Give) .*\.$/);
    expect(JSON.stringify(faults)).not.toContain('hunter2');
  });

  it.each([
    'proxy.example.com:3128',
    'http://',
    'http://p:1/path',
    'http://p:1/?x=1',
    'http://p:1#x',
    'http://%zz@p:1',
    'http://a%zz:b@p:1',
  ])('refuses the proxy %s', (text) => {
    expect(faultsOf({ CLAVIGER_EGRESS_PROXY: text })).toHaveProperty('CLAVIGER_EGRESS_PROXY');
  });

  it('reads a bundle of certificates, and refuses what is none, broken, or holds a private key', () => {
    const bundle = (text: string) => ({ CLAVIGER_EGRESS_CA_FILE: file('ca.pem', text) });
    const both = `# Corp\n${PRIVATE_CA.ca}\n# Other\n${TLS_FIXTURE.cert}`;
    expect(loadEngineConfig({ ...env, ...bundle(both) }).egressCa).toHaveLength(2);
    for (const text of [
      '',
      'hello',
      PRIVATE_CA.ca.replace('MII', 'AAA'),
      `${PRIVATE_CA.ca.slice(0, 200)}\n-----END CERTIFICATE-----`,
    ])
      expect(faultsOf(bundle(text))['CLAVIGER_EGRESS_CA_FILE']).toMatch(/no bundle of certificates/);
    expect(faultsOf(bundle(PRIVATE_CA.ca + TLS_FIXTURE.key))['CLAVIGER_EGRESS_CA_FILE']).toMatch(
      /private key/,
    );
    expect(faultsOf({ CLAVIGER_EGRESS_CA_FILE: folder })['CLAVIGER_EGRESS_CA_FILE']).toMatch(
      /cannot be read/,
    );
  });

  it('is the engine’s alone: the api is not given the proxy’s credentials', () => {
    const api = loadApiConfig({
      DATABASE_URL: env.DATABASE_URL,
      CLAVIGER_KMS_PUBLIC_KEYSET: '/keys/public.json',
      CLAVIGER_TICKET_PRIVATE_KEY: '/keys/ticket.pem',
      CLAVIGER_FINGERPRINT_PEPPER: '/keys/pepper',
      CLAVIGER_EGRESS_PROXY: 'http://user:hunter2@proxy:3128',
    });
    expect(inspect(api)).not.toMatch(/egressProxy|hunter2/);
    expect(api.warnings).toEqual([]);
  });
});
