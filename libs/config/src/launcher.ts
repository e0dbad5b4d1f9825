import { z } from 'zod';
import { LOG_LEVELS } from './common.js';
import { processEnvironment, type Environment } from './environment.js';
import { choice, databaseUrlField, fault, list, portField, redisUrlField, slug } from './fields.js';
import { load } from './load.js';
import { processesField } from './processes.js';
import { plansField, type PlanSettings } from './plans.js';

/** Settings of `npm start` itself; the processes validate their own. */
export interface LauncherConfig {
  dataDir: string;
  ports: { web: number; api: number; engine: number; worker: number; upstream: number };
  /** Of the api's metrics; the engine's are on the next one. Null: neither is served. */
  metricsPort: number | null;
  host: string;
  /** How many processes the engine is served by. */
  engineProcesses: number;
  /** The owner's login of the operator's own Postgres; null: an embedded one. */
  databaseUrl: string | null;
  redisUrl: string | null;
  plans: Record<string, Partial<PlanSettings>>;
  logLevel: (typeof LOG_LEVELS)[number];
  egressAllow: string[];
  publicUrl: string | null;
  /** Null: the launcher makes one. */
  operatorToken: string | null;
  demoPassword: string | null;
  deployment: string;
  /** File of the signed audit checkpoints; null: in the data folder. */
  checkpointsPath: string | null;
  warnings: string[];
}

const fieldsOf = () => ({
  CLAVIGER_DATA_DIR: z.string().default('.claviger'),
  CLAVIGER_WEB_PORT: portField.default(3000),
  CLAVIGER_API_PORT: portField.default(3001),
  CLAVIGER_ENGINE_PORT: portField.default(3002),
  CLAVIGER_WORKER_PORT: portField.default(3003),
  CLAVIGER_ENGINE_PROCESSES: processesField,
  CLAVIGER_UPSTREAM_PORT: portField.default(3010),
  CLAVIGER_METRICS_PORT: portField
    .refine(
      (port) => port < 65_535,
      fault('leaves no port after it for the engine', 'Use a number below 65535, or 0.'),
    )
    .optional(),
  CLAVIGER_HOST: z.string().default('127.0.0.1'),
  DATABASE_URL: databaseUrlField.optional(),
  REDIS_URL: redisUrlField.optional(),
  CLAVIGER_PLANS: plansField,
  CLAVIGER_LOG_LEVEL: choice(LOG_LEVELS, 'info'),
  CLAVIGER_EGRESS_ALLOW: list(),
  CLAVIGER_PUBLIC_URL: z.string().optional(),
  CLAVIGER_OPERATOR_TOKEN: z.string().optional(),
  CLAVIGER_DEPLOYMENT: slug('default'),
  CLAVIGER_AUDIT_CHECKPOINTS: z.string().optional(),
  CLAVIGER_DEMO_PASSWORD: z
    .string()
    .min(
      10,
      fault('is shorter than 10 characters', 'Choose a longer password, or unset it to have one made.'),
    )
    .optional(),
});

/** Reads and validates the settings of the launcher. Throws a ConfigError that lists every fault. */
export function loadLauncherConfig(env: Environment = processEnvironment()): LauncherConfig {
  const { values, warnings } = load('npm start', fieldsOf, env);
  return {
    dataDir: values.CLAVIGER_DATA_DIR,
    ports: {
      web: values.CLAVIGER_WEB_PORT,
      api: values.CLAVIGER_API_PORT,
      engine: values.CLAVIGER_ENGINE_PORT,
      worker: values.CLAVIGER_WORKER_PORT,
      upstream: values.CLAVIGER_UPSTREAM_PORT,
    },
    metricsPort: values.CLAVIGER_METRICS_PORT ?? null,
    host: values.CLAVIGER_HOST,
    engineProcesses: values.CLAVIGER_ENGINE_PROCESSES,
    databaseUrl: values.DATABASE_URL ?? null,
    redisUrl: values.REDIS_URL ?? null,
    plans: values.CLAVIGER_PLANS,
    logLevel: values.CLAVIGER_LOG_LEVEL,
    egressAllow: values.CLAVIGER_EGRESS_ALLOW,
    publicUrl: values.CLAVIGER_PUBLIC_URL ?? null,
    operatorToken: values.CLAVIGER_OPERATOR_TOKEN ?? null,
    demoPassword: values.CLAVIGER_DEMO_PASSWORD ?? null,
    deployment: values.CLAVIGER_DEPLOYMENT,
    checkpointsPath: values.CLAVIGER_AUDIT_CHECKPOINTS ?? null,
    warnings,
  };
}

/** Settings of the program that adds a local master key. */
export interface NewMasterKeyConfig {
  /** The folder of all key files: that of a deployment of containers, or the one in the data folder. */
  keysDir: string;
}

const newMasterKeyFields = () => ({
  CLAVIGER_DATA_DIR: z.string().default('.claviger'),
  CLAVIGER_KEYS_DIR: z.string().optional(),
});

/** Reads the settings of the program that adds a local master key. Throws a ConfigError that lists every fault. */
export function loadNewMasterKeyConfig(env: Environment = processEnvironment()): NewMasterKeyConfig {
  const { values } = load('new-master-key', newMasterKeyFields, env);
  return { keysDir: values.CLAVIGER_KEYS_DIR ?? `${values.CLAVIGER_DATA_DIR}/keys` };
}
