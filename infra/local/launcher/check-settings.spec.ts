import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '#lib/config';
import { checkSettings } from './check-settings.js';

type Env = Record<string, string>;

/** The faults of `npm start` in this environment, as `VARIABLE: problem. mend`. */
async function faultsOf(env: Env): Promise<string[]> {
  try {
    await checkSettings(env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map(({ variable, problem, mend }) => `${variable}: ${problem}. ${mend}`);
  }
}

const variablesOf = async (env: Env) => (await faultsOf(env)).map((fault) => fault.split(':')[0]).sort();

describe('the settings of npm start', () => {
  it('are judged for the launcher and every process at once: each fault once, with its mend', async () => {
    const faults = await faultsOf({
      // The launcher's own.
      CLAVIGER_WORKER_PORT: 'eight',
      CLAVIGER_METRICS_PORT: '65535',
      // Everybody's.
      CLAVIGER_LOG_LEVEL: 'loud',
      CLAVIGER_KMS: 'foo',
      CLAVIGER_PLANS: '{',
      // The api's.
      CLAVIGER_DEFAULT_PLAN: 'gold',
      CLAVIGER_AUTH_THROTTLE: 'maybe',
      CLAVIGER_OPERATOR_TOKEN: 'short',
      CLAVIGER_INIT_OWNER_EMAIL: 'nobody',
      // The engine's.
      CLAVIGER_EGRESS_PROXY: 'proxy',
      CLAVIGER_EGRESS_CA_FILE: '/nowhere/ca.pem',
      // Of both planes; its form is known to the SSRF guard.
      CLAVIGER_EGRESS_ALLOW: 'http://127.0.0.1',
      // The worker's.
      CLAVIGER_AUDIT_CHECKPOINT_SECONDS: 'often',
      CLAVIGER_REWRAP_FROM: 'x',
    });
    expect(faults.map((fault) => fault.split(':')[0]).sort()).toEqual([
      'CLAVIGER_AUDIT_CHECKPOINT_SECONDS',
      'CLAVIGER_AUTH_THROTTLE',
      'CLAVIGER_DEFAULT_PLAN',
      'CLAVIGER_EGRESS_ALLOW',
      'CLAVIGER_EGRESS_CA_FILE',
      'CLAVIGER_EGRESS_PROXY',
      'CLAVIGER_INIT_OWNER_EMAIL',
      'CLAVIGER_INIT_OWNER_PASSWORD',
      'CLAVIGER_KMS',
      'CLAVIGER_LOG_LEVEL',
      'CLAVIGER_METRICS_PORT',
      'CLAVIGER_OPERATOR_TOKEN',
      'CLAVIGER_PLANS',
      'CLAVIGER_REWRAP_FROM',
      'CLAVIGER_WORKER_PORT',
    ]);
    for (const fault of faults)
      expect(fault).toMatch(/^[A-Z_]+: \S.*\. (Use|Write|Give|Choose|Make|Mend|Set) .*\.$/);
  });

  it('are right when none is set: what the launcher makes itself is not asked for', async () => {
    expect(await faultsOf({})).toEqual([]);
    await expect(checkSettings({})).resolves.toMatchObject({ ports: { api: 3001 }, metricsPort: null });
  });

  it.each([
    [{ CLAVIGER_KMS: 'aws' }, ['AWS_REGION', 'CLAVIGER_KMS_KEY_ID']],
    [{ CLAVIGER_KMS: 'vault' }, ['CLAVIGER_KMS_KEY_ID', 'VAULT_ADDR', 'VAULT_TOKEN']],
    [{ NODE_ENV: 'production' }, ['KMS_LOCAL_ALLOW_PRODUCTION']],
    [{ REDIS_URL: 'http://x' }, ['REDIS_URL']],
    [{ CLAVIGER_OPERATOR_TOKEN_FILE: '/nowhere/token' }, ['CLAVIGER_OPERATOR_TOKEN_FILE']],
  ])('asks for what %j needs', async (env: Env, expected) => {
    expect(await variablesOf(env)).toEqual(expected);
  });

  it('tell an entry of the allow-list that opens the operator’s own database or Redis', async () => {
    const env = {
      DATABASE_URL: 'postgresql://owner:hunter2@127.0.0.1:5432/claviger',
      REDIS_URL: 'redis://127.0.0.1:6379',
      CLAVIGER_EGRESS_ALLOW: 'http://127.0.0.1/32:5432, http://127.0.0.1/32:6379, http://127.0.0.1/32:11434',
    };
    const faults = await faultsOf(env);
    expect(faults).toHaveLength(2);
    expect(faults.join('\n')).toMatch(
      /:5432, which is where the database answers[^]*:6379, which is where Redis/,
    );
    expect(faults.join('\n')).not.toContain('hunter2');
  });

  it('take a setting of a process that npm start gives it otherwise for what it is: not read', async () => {
    // Left over from a deployment of containers; the launcher makes these files and ports itself.
    expect(
      await faultsOf({ CLAVIGER_KMS_PUBLIC_KEYSET: '', CLAVIGER_ENGINE_INTERNAL_URL: 'nonsense' }),
    ).toEqual([]);
  });
});
