import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { loadApiConfig, loadEngineConfig, loadProvisionConfig, loadWorkerConfig } from '#lib/config';

interface Service {
  image?: string;
  build?: { dockerfile: string; target: string };
  environment?: Record<string, string>;
  volumes?: string[];
  networks?: string[];
  read_only?: boolean;
}
interface Compose {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
  networks: Record<string, { internal?: boolean } | null>;
}

const root = join(import.meta.dirname, '../..');
const compose = load(readFileSync(join(root, 'docker-compose.yml'), 'utf8')) as Compose;
const dockerfile = readFileSync(join(root, 'infra/docker/Dockerfile'), 'utf8');

/** The environment as Compose would hand it over, with `.env` holding just the password. */
function environmentOf(service: string): Record<string, string> {
  const given = compose.services[service]?.environment ?? {};
  const filled = (value: string) =>
    value.replace(/\$\{(\w+):([-?])([^}]*)\}/g, (_, name: string, kind: string, other: string) =>
      name === 'POSTGRES_PASSWORD' ? 'pw' : kind === '-' ? other : '',
    );
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
    expect(loadWorkerConfig(environmentOf('worker')).warnings).toEqual([]);
    expect(loadProvisionConfig(environmentOf('migrate'))).toMatchObject({
      keysDir: '/keys',
      handoverDir: '/handover',
    });
  });

  it('mounts what opens provider keys into the engine and the migrator only', () => {
    const mounting = (volume: string) =>
      Object.entries(compose.services)
        .filter(([, { volumes = [] }]) => volumes.some((mount) => mount.startsWith(`${volume}:`)))
        .map(([name]) => name);
    expect(mounting('engine')).toEqual(['migrate', 'engine']);
    expect(mounting('keys')).toEqual(['migrate']);
    expect(mounting('api')).toEqual(['migrate', 'api']);
  });

  it("gives the database owner's password to the database and the migrator only", () => {
    const holders = Object.entries(compose.services).filter(([, service]) =>
      JSON.stringify(service).includes('POSTGRES_PASSWORD'),
    );
    expect(holders.map(([name]) => name)).toEqual(['postgres', 'migrate']);
  });

  it('lets only the engine out, and keeps database and queue inside', () => {
    expect(compose.networks['data']).toEqual({ internal: true });
    expect(compose.services['postgres']?.networks).toEqual(['data']);
    const onVendors = Object.entries(compose.services).filter(([, { networks = [] }]) =>
      networks.includes('vendors'),
    );
    expect(onVendors.map(([name]) => name)).toEqual(['engine']);
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
