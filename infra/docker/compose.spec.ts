import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { loadApiConfig, loadEngineConfig, loadProvisionConfig, loadWorkerConfig } from '#lib/config';
import { handovers } from '../local/launcher/handovers.js';
import type { KeyFiles } from '../local/launcher/keys.js';

interface Service {
  image?: string;
  build?: { dockerfile: string; target: string };
  environment?: Record<string, string>;
  volumes?: string[];
  networks?: string[];
  secrets?: string[];
  read_only?: boolean;
  stop_grace_period?: string;
}
interface Compose {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
  networks: Record<string, { internal?: boolean } | null>;
  secrets: Record<string, { file: string }>;
}

const root = join(import.meta.dirname, '../..');
const composeText = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
const compose = load(composeText) as Compose;
const dockerfile = readFileSync(join(root, 'infra/docker/Dockerfile'), 'utf8');

/** For whoever debugs: not a setting of the installation. */
const UNDOCUMENTED = ['CLAVIGER_LOG_LEVEL'];

/** Every key file by a name of its own. */
const keyFiles: KeyFiles = {
  publicKeyset: 'public keyset',
  callKeyset: 'call keyset',
  webhookKeyset: 'webhook keyset',
  ticketPrivateKey: 'ticket private key',
  ticketPublicKey: 'ticket public key',
  fingerprintPepper: 'pepper',
  auditPrivateKey: 'audit private key',
  auditPublicKey: 'audit public key',
};

function mounting(volume: string): string[] {
  return Object.entries(compose.services)
    .filter(([, { volumes = [] }]) => volumes.some((mount) => mount.startsWith(`${volume}:`)))
    .map(([name]) => name);
}

/** The environment as Compose would hand it over, with `.env` holding the password and what is given besides. */
function environmentOf(service: string, dotenv: Record<string, string> = {}): Record<string, string> {
  const given = compose.services[service]?.environment ?? {};
  const filled = (value: string) =>
    value.replace(/\$\{(\w+):([-?+])([^}]*)\}/g, (_, name: string, kind: string, other: string) => {
      const set = name === 'POSTGRES_PASSWORD' ? 'pw' : dotenv[name];
      if (kind === '+') return set ? other : '';
      return set ?? (kind === '-' ? other : '');
    });
  const entries = Object.entries(given).map(([name, value]) => [name, filled(String(value))]);
  const own = Object.fromEntries(entries) as Record<string, string>;
  return {
    ...own,
    NODE_ENV: 'production',
    ...('DATABASE_URL_FILE' in own && {
      DATABASE_URL_FILE: '',
      DATABASE_URL: 'postgresql://claviger_x:y@postgres/claviger',
    }),
  };
}

describe('docker-compose.yml', () => {
  it('gives each process settings that it accepts in production', () => {
    expect(loadApiConfig(environmentOf('api'))).toMatchObject({
      env: 'production',
      redisUrl: 'redis://redis:6379/0',
    });
    expect(loadEngineConfig(environmentOf('engine'))).toMatchObject({
      kms: { privateKeysetPath: '/run/claviger/call-keyset.json' },
    });
    const worker = loadWorkerConfig(environmentOf('worker'));
    expect(worker.warnings).toEqual([]);
    expect(worker.webhooks?.kms).toMatchObject({ privateKeysetPath: '/run/claviger/webhook-keyset.json' });
    expect(worker.checkpoints).toEqual({
      privateKeyPath: '/run/claviger/audit-private.pem',
      file: { path: '/checkpoints/audit.ndjson', publicKeyPath: '/run/claviger/audit-public.pem' },
      everySeconds: 30,
    });
    expect(loadEngineConfig(environmentOf('engine')).checkpoints).toEqual(worker.checkpoints?.file);
    expect(loadProvisionConfig(environmentOf('migrate'))).toMatchObject({
      keysDir: '/keys',
      handoverDir: '/handover',
    });
  });

  it('gives the operator’s proxy and certificates to the engine and the worker, and nobody else', () => {
    const dotenv = {
      CLAVIGER_EGRESS_PROXY: 'http://proxy.example.com:3128',
      CLAVIGER_EGRESS_PROXY_FILE: '/etc/claviger/proxy',
      CLAVIGER_EGRESS_CA_FILE: '/etc/claviger/ca.pem',
    };
    const { CLAVIGER_EGRESS_CA_FILE, CLAVIGER_EGRESS_PROXY_FILE, ...env } = environmentOf('engine', dotenv);
    expect(loadEngineConfig(env).egressProxy).toMatchObject({ host: 'proxy.example.com', port: 3128 });
    for (const [path, variable] of [
      [CLAVIGER_EGRESS_PROXY_FILE, 'CLAVIGER_EGRESS_PROXY_FILE'],
      [CLAVIGER_EGRESS_CA_FILE, 'CLAVIGER_EGRESS_CA_FILE'],
    ] as const) {
      const name = /^\/run\/secrets\/(\w+)$/.exec(path ?? '')?.[1] ?? '';
      for (const process of ['engine', 'worker']) expect(compose.services[process]?.secrets).toContain(name);
      expect(compose.secrets[name]?.file).toContain(`\${${variable}:-`);
      expect(dockerfile).toMatch(
        /apps\/engine\/src\/processes-main.js", .*"--allow-fs-read=\/run\/secrets"\]/,
      );
      expect(dockerfile).toContain(`"--allow-fs-read=/run/secrets", "dist/apps/worker/src/main.js"`);
    }
    const holders = Object.entries(compose.services).filter(([, service]) =>
      /EGRESS_PROXY|EGRESS_CA|egress_/.test(JSON.stringify(service)),
    );
    expect(holders.map(([name]) => name)).toEqual(['engine', 'worker']);
  });

  it('begins the engine’s processes through their primary, and gives calls under way the time that it takes to end', () => {
    expect(dockerfile).toMatch(/"dist\/apps\/engine\/src\/processes-main\.js", "--permission"/);
    expect(loadEngineConfig(environmentOf('engine')).processes).toBe(1);
    expect(loadEngineConfig(environmentOf('engine', { CLAVIGER_ENGINE_PROCESSES: '4' })).processes).toBe(4);
    expect(compose.services['engine']?.stop_grace_period).toBe('65s');
    const env = environmentOf('engine', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' });
    expect(loadEngineConfig(env).tracing?.url).toBe('http://collector:4318/v1/traces');
    for (const name of ['api', 'worker', 'web'])
      expect(JSON.stringify(compose.services[name]?.environment)).not.toContain('OTEL_');
  });

  it('mounts what opens provider keys into the engine and the migrator only', () => {
    expect(mounting('engine')).toEqual(['migrate', 'engine']);
    expect(mounting('keys')).toEqual(['migrate']);
    expect(mounting('api')).toEqual(['migrate', 'api']);
    expect(mounting('worker')).toEqual(['migrate', 'worker']);
  });

  it('keeps the checkpoints apart from the database: the worker writes, the engine reads, nobody else is there', () => {
    expect(mounting('checkpoints')).toEqual(['engine', 'worker']);
    expect(compose.services['engine']?.volumes).toContain('checkpoints:/checkpoints:ro');
    expect(compose.services['worker']?.volumes).toContain('checkpoints:/checkpoints');
    expect(mounting('postgres')).toEqual(['postgres']);
    // Node's permission model says the same inside, and what is not made by the image belongs to root.
    const command = (name: string) =>
      new RegExp(`^FROM plane AS ${name}\\n[^]*?^CMD (.*)$`, 'm').exec(dockerfile)?.[1];
    const open = (name: string) =>
      [...(command(name)?.matchAll(/--allow-fs-(\w+)=([\w/-]+)/g) ?? [])].map(
        ([, how, path]) => `${how} ${path}`,
      );
    const own = ['read /app', 'read /run/claviger'];
    expect(open('api')).toEqual(own);
    const ownState = ['read /engine-state', 'write /engine-state'];
    expect(open('engine')).toEqual([...own, 'read /checkpoints', ...ownState, 'read /run/secrets']);
    expect(mounting('engine-state')).toEqual(['engine']);
    expect(loadEngineConfig(environmentOf('engine')).stateDir).toBe('/engine-state');
    expect(open('worker')).toEqual([...own, 'read /checkpoints', 'write /checkpoints', 'read /run/secrets']);
    expect(dockerfile).toMatch(
      /install -d -o node -g node -m 0700 \/run\/claviger \/checkpoints \/engine-state/,
    );
  });

  it('hands each process exactly the key files that its settings name', () => {
    const given = {
      api: ['fingerprint-pepper', 'public-keyset.json', 'ticket-private.pem'],
      engine: ['audit-public.pem', 'call-keyset.json', 'ticket-public.pem'],
      worker: ['audit-private.pem', 'audit-public.pem', 'webhook-keyset.json'],
    };
    expect(
      Object.fromEntries(
        Object.entries(handovers(keyFiles)).map(([name, files]) => [name, Object.keys(files).sort()]),
      ),
    ).toEqual(given);
    for (const [name, files] of Object.entries(given)) {
      const named = Object.values(environmentOf(name))
        .map((value) => /^\/run\/claviger\/(.+)$/.exec(value)?.[1])
        .filter((file) => file !== undefined && file !== 'database-url');
      expect(named.sort()).toEqual(files);
    }
    // And by where it comes from: what opens, what signs tickets, what signs the log, each in one hand.
    const holders = (source: string) =>
      Object.entries(handovers(keyFiles))
        .filter(([, files]) => Object.values(files).includes(source))
        .map(([name]) => name);
    expect(holders(keyFiles.callKeyset)).toEqual(['engine']);
    expect(holders(keyFiles.webhookKeyset)).toEqual(['worker']);
    expect(holders(keyFiles.ticketPrivateKey)).toEqual(['api']);
    expect(holders(keyFiles.fingerprintPepper)).toEqual(['api']);
    expect(holders(keyFiles.auditPrivateKey)).toEqual(['worker']);
  });

  it('gives every process, and the migrator, the same name of the installation', () => {
    for (const name of ['api', 'engine', 'worker', 'migrate'])
      expect(compose.services[name]?.environment?.['CLAVIGER_DEPLOYMENT']).toBe(
        '${CLAVIGER_DEPLOYMENT:-default}',
      );
  });

  it('can be told by .env.example of every setting that it takes', () => {
    const taken = [...composeText.matchAll(/\$\{(\w+)/g)].map(([, name]) => name ?? '');
    const documented = readFileSync(join(root, '.env.example'), 'utf8');
    const known = (name: string) =>
      new RegExp(`^#?${name}=`, 'm').test(documented) || UNDOCUMENTED.includes(name);
    expect([...new Set(taken)].filter((name) => !known(name))).toEqual([]);
  });

  it("gives the database owner's password to the database and the migrator only", () => {
    const holders = Object.entries(compose.services).filter(([, service]) =>
      JSON.stringify(service).includes('POSTGRES_PASSWORD'),
    );
    expect(holders.map(([name]) => name)).toEqual(['postgres', 'migrate']);
  });

  it('lets only the engine and the worker out, and keeps database and queue inside', () => {
    expect(compose.networks['data']).toEqual({ internal: true });
    expect(compose.services['postgres']?.networks).toEqual(['data']);
    const onVendors = Object.entries(compose.services).filter(([, { networks = [] }]) =>
      networks.includes('vendors'),
    );
    expect(onVendors.map(([name]) => name)).toEqual(['engine', 'worker']);
  });

  it('builds every process from a stage that exists and runs it on a read-only disk', () => {
    const stages = [...dockerfile.matchAll(/^FROM \S+ AS (\w+)$/gm)].map((match) => match[1]);
    for (const name of ['api', 'engine', 'worker', 'web', 'migrate']) {
      expect(stages).toContain(compose.services[name]?.build?.target);
    }
    for (const name of ['api', 'engine', 'worker', 'web'])
      expect(compose.services[name]?.read_only).toBe(true);
  });

  it('names only volumes and networks that are declared', () => {
    for (const { volumes = [], networks = [] } of Object.values(compose.services)) {
      for (const mount of volumes) expect(Object.keys(compose.volumes)).toContain(mount.split(':')[0]);
      for (const network of networks) expect(Object.keys(compose.networks)).toContain(network);
    }
  });
});
