import { describe, expect, it } from '@jest/globals';
import { Fleet } from './fleet.js';
import { planProcesses, type PlanInput, type ProcessPlan } from './processes.js';

const input: PlanInput = {
  root: '/app',
  host: '127.0.0.1',
  ports: { web: 1, api: 2, engine: 3, worker: 4, upstream: 5 },
  metricsPorts: null,
  keys: {
    publicKeyset: '/keys/public.json',
    callKeyset: '/keys/call/private.json',
    webhookKeyset: '/keys/webhook/private.json',
    ticketPrivateKey: '/keys/ticket-private.pem',
    ticketPublicKey: '/keys/ticket-public.pem',
    fingerprintPepper: '/keys/pepper',
    auditPrivateKey: '/keys/audit-private.pem',
    auditPublicKey: '/keys/audit-public.pem',
  },
  databaseUrls: { api: 'api', engine: 'engine', worker: 'worker' },
  operatorToken: 'token',
  egressAllow: [],
  publicUrl: 'http://localhost',
  checkpoints: '/checkpoints/audit.ndjson',
  engineState: '/state',
  engineProcesses: 1,
  operator: {},
};

function plan(name: string, change: Partial<PlanInput> = {}): ProcessPlan {
  const found = planProcesses({ ...input, ...change }).find((one) => one.name === name);
  if (!found) throw new Error(`there is no ${name}`);
  return found;
}

describe('the processes of npm start', () => {
  it('has each process of an engine of several confined as the one would be; what begins them reads none of it', () => {
    const one = plan('engine').args;
    const several = plan('engine', { engineProcesses: 3 });
    const program = several.args.indexOf('/app/dist/apps/engine/src/processes-main.js');
    const flags = several.args.slice(program + 1);
    expect(flags).toContain('--permission');
    expect(flags.join(' ')).toContain('no-signals.js');
    expect(one.slice(0, flags.length)).toEqual(flags);
    expect(one.slice(flags.length)).toEqual([
      '--import',
      expect.stringMatching(/lifeline\.js$/),
      expect.any(String),
    ]);
    expect(several.args.slice(0, program)).toEqual([
      '--disable-sigusr1',
      '--import',
      expect.stringMatching(/lifeline\.js$/),
    ]);
    expect(several.env.CLAVIGER_ENGINE_PROCESSES).toBe('3');
    expect(several.env.DATABASE_URL).toBe('engine');
  });

  it('waits for an engine as long as the engine waits for its runs, and a little', () => {
    const waits = (change: Partial<PlanInput>) => {
      const { env, patienceMs } = plan('engine', change);
      return [env.CLAVIGER_SHUTDOWN_GRACE_SECONDS, patienceMs];
    };
    expect(waits({})).toEqual(['5', 20_000]);
    const operator = { CLAVIGER_SHUTDOWN_GRACE_SECONDS: '30' };
    expect(waits({ operator })).toEqual(['30', 45_000]);
    expect(waits({ operator, engineProcesses: 2 })).toEqual(['30', 65_000]);
  });

  it('gives where spans go, with the collector’s password, to the engine alone', () => {
    const operator = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=secret',
    };
    for (const { name, env } of planProcesses({ ...input, operator })) {
      const given = Object.keys(env).filter((variable) => variable.startsWith('OTEL_'));
      expect({ name, given }).toEqual({ name, given: name === 'engine' ? Object.keys(operator) : [] });
    }
  });

  it('learns of an engine’s processes from what begins them, and from nobody’s nonsense', () => {
    const fleet = new Fleet();
    let told = 0;
    fleet.onChange(() => (told += 1));
    for (const message of [null, 'x', {}, { claviger: 'other' }, { claviger: 'processes', serving: [1] }])
      fleet.hear(message);
    expect([told, fleet.all]).toEqual([0, {}]);
    fleet.hear({ claviger: 'processes', serving: [11, 12, -1, 'x'], leaving: [9] });
    expect(told).toBe(1);
    expect(fleet.serving).toEqual({ engine1: 11, engine2: 12 });
    expect(fleet.all).toEqual({ engine1: 11, engine2: 12, engineLeaving1: 9 });
  });
});
