import { describe, expect, it } from '@jest/globals';
import { writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConfigError,
  loadApiConfig,
  loadEngineConfig,
  loadLauncherConfig,
  loadMigrateConfig,
  loadWorkerConfig,
} from './index.js';

const apiEnv = {
  DATABASE_URL: 'postgresql://claviger_api:x@localhost/claviger',
  CLAVIGER_KMS_PUBLIC_KEYSET: '/keys/public.json',
  CLAVIGER_TICKET_PRIVATE_KEY: '/keys/ticket.pem',
  CLAVIGER_FINGERPRINT_PEPPER: '/keys/pepper',
};

function faultsOf(load: () => unknown): Record<string, string> {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigError)
      return Object.fromEntries(error.faults.map((f) => [f.variable, `${f.problem}. ${f.mend}`]));
    throw error;
  }
  return {};
}

describe('the settings of the processes', () => {
  it('#34 a stopping engine leaves its runs 45 s unless told, and never so long that it is killed before they have ended', () => {
    const env = {
      DATABASE_URL: 'postgresql://claviger_engine:x@localhost/claviger',
      CLAVIGER_KMS_PRIVATE_KEYSET: '/keys/call.json',
      CLAVIGER_TICKET_PUBLIC_KEY: '/keys/ticket.pem',
    };
    const grace = (seconds?: string) =>
      loadEngineConfig({ ...env, CLAVIGER_SHUTDOWN_GRACE_SECONDS: seconds }).shutdownGraceSeconds;
    expect([grace(), grace('0'), grace('50')]).toEqual([45, 0, 50]);
    for (const seconds of ['51', '-1', '1.5', 'long'])
      expect(Object.keys(faultsOf(() => grace(seconds)))).toEqual(['CLAVIGER_SHUTDOWN_GRACE_SECONDS']);
  });

  it('lists every fault of an environment at once, each with its mend', () => {
    const faults = faultsOf(() =>
      loadApiConfig({
        NODE_ENV: 'staging',
        CLAVIGER_API_PORT: '70000',
        CLAVIGER_PLANS: '{"x":{"keys":1}}',
        CLAVIGER_DEFAULT_PLAN: 'gold',
        CLAVIGER_OPERATOR_TOKEN: 'short',
        CLAVIGER_INIT_OWNER_EMAIL: 'nobody',
        CLAVIGER_PUBLIC_URL: 'example.com',
        CLAVIGER_AUTH_THROTTLE: 'maybe',
      }),
    );
    expect(Object.keys(faults).sort()).toEqual([
      'CLAVIGER_API_PORT',
      'CLAVIGER_AUTH_THROTTLE',
      'CLAVIGER_DEFAULT_PLAN',
      'CLAVIGER_FINGERPRINT_PEPPER',
      'CLAVIGER_INIT_OWNER_EMAIL',
      'CLAVIGER_INIT_OWNER_PASSWORD',
      'CLAVIGER_KMS_PUBLIC_KEYSET',
      'CLAVIGER_OPERATOR_TOKEN',
      'CLAVIGER_PLANS',
      'CLAVIGER_PUBLIC_URL',
      'CLAVIGER_TICKET_PRIVATE_KEY',
      'DATABASE_URL',
      'NODE_ENV',
    ]);
    for (const text of Object.values(faults))
      expect(text).toMatch(/^\S.*\. (Use|Write|Give|Choose|Make|Set) .*\.$/);
  });

  it('never shows the value of a faulty variable', () => {
    const planted = 'postgresq://owner:hunter2-hunter2@db/claviger';
    expect(() => loadWorkerConfig({ DATABASE_URL: planted })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });

  it('has defaults that match the documented ones', () => {
    const config = loadApiConfig(apiEnv);
    expect(config).toMatchObject({
      port: 3001,
      host: '127.0.0.1',
      authThrottle: true,
      defaultPlan: 'unlimited',
      egressAllow: [],
      redisUrl: null,
    });
    expect(config.engineInternalUrl).toBe('http://localhost:3002');
    expect(loadLauncherConfig({})).toMatchObject({
      dataDir: '.claviger',
      ports: { web: 3000, api: 3001, engine: 3002, worker: 3003, upstream: 3010 },
    });
  });

  it('treats a blank value as unset', () => {
    expect(loadApiConfig({ ...apiEnv, REDIS_URL: ' ', CLAVIGER_API_PORT: '' })).toMatchObject({
      redisUrl: null,
      port: 3001,
    });
  });

  it('reads a setting from the file that its _FILE variable names, and names the variable when it cannot', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'config-')), 'url');
    writeFileSync(file, 'postgresql://claviger_worker:y@db/claviger\n');
    expect(loadWorkerConfig({ DATABASE_URL_FILE: file }).databaseUrl).toBe(
      'postgresql://claviger_worker:y@db/claviger',
    );
    expect(faultsOf(() => loadWorkerConfig({ DATABASE_URL_FILE: `${file}.gone` }))).toHaveProperty(
      'DATABASE_URL_FILE',
    );
  });

  it('warns of a variable that nothing reads and suggests the nearest one', () => {
    const { warnings } = loadApiConfig({
      ...apiEnv,
      CLAVIGER_EGRES_ALLOW: 'x',
      CLAVIGER_SOMETHING_ELSE_ENTIRELY: 'y',
    });
    expect(warnings).toEqual([
      'CLAVIGER_EGRES_ALLOW is set but nothing reads it. Did you mean CLAVIGER_EGRESS_ALLOW?',
      'CLAVIGER_SOMETHING_ELSE_ENTIRELY is set but nothing reads it.',
    ]);
  });

  it('lets a plan change one limit of a built-in plan, and asks for the four counted ones of a new one', () => {
    expect(
      loadMigrateConfig({ DATABASE_URL: apiEnv.DATABASE_URL, CLAVIGER_PLANS: '{"free":{"keys":5}}' }).plans,
    ).toEqual({ free: { keys: 5 } });
    const pilot = { keys: 1, workspaces: 2, members: 3, executionsPerMonth: null };
    expect(
      loadApiConfig({ ...apiEnv, CLAVIGER_PLANS: JSON.stringify({ pilot }), CLAVIGER_DEFAULT_PLAN: 'pilot' })
        .plans,
    ).toEqual({ pilot });
  });

  it.each([
    [{ models: ['openai/*', '*'], historyDays: 7, mcpServers: 0 }, true],
    [{ models: ['gpt-4.1'] }, false],
    [{ models: 'openai/*' }, false],
    [{ historyDays: -1 }, false],
    [{ tokens: 3 }, false],
  ])('#41 a plan with %j is taken: %s', (limits, taken) => {
    const read = () =>
      loadMigrateConfig({
        DATABASE_URL: apiEnv.DATABASE_URL,
        CLAVIGER_PLANS: JSON.stringify({ free: limits }),
      });
    if (taken) expect(read().plans).toEqual({ free: limits });
    else expect(Object.keys(faultsOf(read))).toEqual(['CLAVIGER_PLANS']);
  });

  it('asks the engine for the private keyset and the api for the public one only', () => {
    const engine = faultsOf(() => loadEngineConfig({ DATABASE_URL: apiEnv.DATABASE_URL }));
    expect(Object.keys(engine).sort()).toEqual(['CLAVIGER_KMS_PRIVATE_KEYSET', 'CLAVIGER_TICKET_PUBLIC_KEY']);
    expect(loadApiConfig(apiEnv).kms).toEqual({
      adapter: 'local',
      publicKeysetPath: '/keys/public.json',
      privateKeysetPath: undefined,
      allowProduction: false,
      allowSymlink: false,
    });
  });

  it('refuses a local master key in production unless the operator says so', () => {
    expect(faultsOf(() => loadApiConfig({ ...apiEnv, NODE_ENV: 'production' }))).toHaveProperty(
      'KMS_LOCAL_ALLOW_PRODUCTION',
    );
    expect(
      loadApiConfig({ ...apiEnv, NODE_ENV: 'production', KMS_LOCAL_ALLOW_PRODUCTION: 'yes' }).kms,
    ).toMatchObject({ allowProduction: true });
  });

  it.each([
    ['production', 'Use CLAVIGER_KMS=aws, or set KMS_LOCAL_ALLOW_PRODUCTION=yes'],
    ['development', 'Use yes or no.'],
  ])('a slip in a switch is answered with the words that the documents use, in %s', (NODE_ENV, mend) => {
    const faults = faultsOf(() => loadApiConfig({ ...apiEnv, NODE_ENV, KMS_LOCAL_ALLOW_PRODUCTION: 'yess' }));
    expect(faults.KMS_LOCAL_ALLOW_PRODUCTION).toContain(mend);
  });

  it.each([
    ['claviger_api', loadApiConfig],
    ['claviger_engine', loadEngineConfig],
    ['claviger_worker', loadWorkerConfig],
    ['postgres', loadMigrateConfig],
  ])('names the login of %s to the process that is to have it, and no other', (role, load) => {
    for (const DATABASE_URL of [undefined, 'localhost/claviger']) {
      const { DATABASE_URL: said = '' } = faultsOf(() => load({ DATABASE_URL }));
      expect([...said.matchAll(/:\/\/(\w+):/g)].map(([, login]) => login)).toEqual([role]);
    }
  });

  it('asks for all that an AWS master key needs', () => {
    expect(Object.keys(faultsOf(() => loadApiConfig({ ...apiEnv, CLAVIGER_KMS: 'aws' }))).sort()).toEqual([
      'AWS_REGION',
      'CLAVIGER_KMS_KEY_ID',
    ]);
    const aws = {
      CLAVIGER_KMS: 'aws',
      CLAVIGER_KMS_KEY_ID: 'alias/claviger',
      AWS_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL_KMS: 'http://localhost:4566',
    };
    expect(loadApiConfig({ ...apiEnv, ...aws }).kms).toEqual({
      adapter: 'aws',
      keyId: 'alias/claviger',
      region: 'eu-central-1',
      endpoint: 'http://localhost:4566',
    });
  });

  it('asks for all that a Vault master key needs, and for an encrypted way to it in production', () => {
    expect(Object.keys(faultsOf(() => loadApiConfig({ ...apiEnv, CLAVIGER_KMS: 'vault' }))).sort()).toEqual([
      'CLAVIGER_KMS_KEY_ID',
      'VAULT_ADDR',
      'VAULT_TOKEN',
    ]);
    const vault = {
      ...apiEnv,
      CLAVIGER_KMS: 'vault',
      CLAVIGER_KMS_KEY_ID: 'claviger',
      VAULT_ADDR: 'http://vault.internal:8200',
      VAULT_TOKEN_FILE: '/run/vault/token',
    };
    expect(loadApiConfig(vault).kms).toEqual({
      adapter: 'vault',
      address: 'http://vault.internal:8200',
      keyId: 'claviger',
      mount: 'transit',
      tokenFile: '/run/vault/token',
    });
    expect(faultsOf(() => loadApiConfig({ ...vault, NODE_ENV: 'production' }))).toHaveProperty('VAULT_ADDR');
    for (const VAULT_ADDR of ['https://vault.internal:8200', 'http://127.0.0.1:8200'])
      expect(faultsOf(() => loadApiConfig({ ...vault, NODE_ENV: 'production', VAULT_ADDR }))).toEqual({});
    const slips = { CLAVIGER_KMS_KEY_ID: 'a/b', CLAVIGER_VAULT_MOUNT: '/transit/' };
    expect(Object.keys(faultsOf(() => loadApiConfig({ ...vault, ...slips }))).sort()).toEqual(
      Object.keys(slips).sort(),
    );
  });

  it('gives the worker a master key only while it re-wraps', () => {
    const worker = { DATABASE_URL: 'postgresql://claviger_worker:x@localhost/claviger' };
    expect(loadWorkerConfig({ ...worker, CLAVIGER_KMS_PRIVATE_KEYSET: '/keys/call.json' }).rewrap).toBeNull();
    expect(
      Object.keys(faultsOf(() => loadWorkerConfig({ ...worker, CLAVIGER_REWRAP_FROM: 'x' }))).sort(),
    ).toEqual(['CLAVIGER_KMS_PRIVATE_KEYSET', 'CLAVIGER_KMS_PUBLIC_KEYSET', 'CLAVIGER_REWRAP_FROM']);
    const aws = {
      ...worker,
      CLAVIGER_KMS: 'aws',
      CLAVIGER_KMS_KEY_ID: 'alias/next',
      AWS_REGION: 'eu-central-1',
      CLAVIGER_REWRAP_FROM: 'aws:arn:one, aws:arn:two',
    };
    expect(loadWorkerConfig(aws).rewrap).toEqual({
      kms: { adapter: 'aws', keyId: 'alias/next', region: 'eu-central-1' },
      from: ['aws:arn:one', 'aws:arn:two'],
      purpose: 'call',
      orgKms: { region: 'eu-central-1', principals: null },
    });
    expect(loadWorkerConfig({ ...aws, CLAVIGER_REWRAP_FROM: 'all' }).rewrap?.from).toBe('all');
  });

  it('#55 gives the worker what signs webhooks while it moves nothing, and never both', () => {
    const worker = { DATABASE_URL: 'postgresql://claviger_worker:x@localhost/claviger' };
    expect(loadWorkerConfig(worker).webhooks).toBeNull();
    const local = { ...worker, CLAVIGER_KMS_PRIVATE_KEYSET: '/keys/webhook.json' };
    expect(loadWorkerConfig(local).webhooks?.kms).toMatchObject({ privateKeysetPath: '/keys/webhook.json' });
    const aws = {
      ...worker,
      CLAVIGER_KMS: 'aws',
      CLAVIGER_KMS_KEY_ID: 'alias/k',
      AWS_REGION: 'eu-central-1',
    };
    expect(loadWorkerConfig(aws).webhooks?.kms).toMatchObject({ adapter: 'aws' });
    const moving = { ...aws, CLAVIGER_REWRAP_FROM: 'all', CLAVIGER_REWRAP_PURPOSE: 'webhook' };
    expect(loadWorkerConfig(moving)).toMatchObject({ webhooks: null, rewrap: { purpose: 'webhook' } });
  });
});
