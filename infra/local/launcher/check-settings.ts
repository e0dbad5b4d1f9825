import {
  ConfigError,
  loadApiConfig,
  loadEngineConfig,
  loadLauncherConfig,
  loadWorkerConfig,
  processEnvironment,
  resolveEnvironment,
  type ConfigFault,
  type Environment,
  type LauncherConfig,
} from '#lib/config';
import { createEgressGuard, egressAllowFaults } from '#lib/egress';
import { planProcesses, type ProcessPlan } from './processes.js';

/** Stands for what the launcher makes later: a login, a key file, a token. Nothing opens or dials it. */
const MADE_LATER = 'made by npm start, once the settings are right';
/** The embedded server's port is not chosen yet: an address that nobody has (RFC 5737), which needs no look-up. */
const NO_DATABASE_YET = 'postgresql://claviger@192.0.2.1:1/claviger';

/**
 * Validates what the launcher and every process of it would be given, before anything is started.
 * Throws one ConfigError that lists every distinct fault, each with its mend.
 */
export async function checkSettings(env: Environment = processEnvironment()): Promise<LauncherConfig> {
  const faults: ConfigFault[] = [];
  const attempt = async <T>(read: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      faults.push(...error.faults);
      return undefined;
    }
  };
  const launcher = await attempt(() => loadLauncherConfig(env));
  for (const { name, env: given } of plansFor(env, launcher)) {
    if (name === 'worker') {
      const worker = await attempt(() => loadWorkerConfig(given, [egressAllowFaults]));
      const { webhooks } = worker ?? {};
      if (worker && webhooks) await attempt(() => createEgressGuard('worker', { ...worker, ...webhooks }));
    }
    if (name !== 'api' && name !== 'engine') continue;
    const load = name === 'api' ? loadApiConfig : loadEngineConfig;
    const config = await attempt(() => load(given, [egressAllowFaults]));
    if (config) await attempt(() => createEgressGuard(name, config));
  }
  if (launcher && faults.length === 0) return launcher;
  throw new ConfigError('npm start', distinct(faults));
}

/** The environments that the processes will be started with, but for what the launcher makes. */
function plansFor(env: Environment, launcher: LauncherConfig | undefined): ProcessPlan[] {
  const { values } = resolveEnvironment(env);
  const database = launcher?.databaseUrl ?? NO_DATABASE_YET;
  const none = { web: 0, api: 0, engine: 0, worker: 0, upstream: 0 };
  return planProcesses({
    root: '/',
    host: values.CLAVIGER_HOST ?? '127.0.0.1',
    ports: launcher?.ports ?? none,
    metricsPorts: null,
    keys: {
      publicKeyset: MADE_LATER,
      callKeyset: MADE_LATER,
      webhookKeyset: MADE_LATER,
      ticketPrivateKey: MADE_LATER,
      ticketPublicKey: MADE_LATER,
      fingerprintPepper: MADE_LATER,
      auditPrivateKey: MADE_LATER,
      auditPublicKey: MADE_LATER,
    },
    checkpoints: values.CLAVIGER_AUDIT_CHECKPOINTS ?? MADE_LATER,
    engineState: MADE_LATER,
    engineProcesses: launcher?.engineProcesses ?? 1,
    databaseUrls: { api: database, engine: database, worker: database },
    operatorToken: values.CLAVIGER_OPERATOR_TOKEN ?? MADE_LATER,
    egressAllow: values.CLAVIGER_EGRESS_ALLOW?.split(',') ?? [],
    publicUrl: values.CLAVIGER_PUBLIC_URL ?? 'http://localhost:3000',
    operator: env,
  });
}

/** Several processes read most settings: a fault of one is the fault of all. */
function distinct(faults: ConfigFault[]): ConfigFault[] {
  return [...new Map(faults.map((fault) => [`${fault.variable}: ${fault.problem}`, fault])).values()];
}
