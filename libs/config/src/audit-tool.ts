import { z } from 'zod';
import { processEnvironment, type Environment } from './environment.js';
import { databaseUrlField, slug } from './fields.js';
import { load } from './load.js';

/** Settings of `npm run audit`, the operator's tool. */
export interface AuditToolConfig {
  dataDir: string;
  /** The owner's login; null: the embedded database. */
  databaseUrl: string | null;
  deployment: string;
  /** Null: in the data folder. */
  checkpointsPath: string | null;
  /** Null: in the data folder. */
  publicKeyPath: string | null;
  /** Of the worker; null: in the data folder. */
  privateKeyPath: string | null;
  /** Of an engine; null: in the data folder. */
  engineStateDir: string | null;
}

const fieldsOf = () => ({
  CLAVIGER_DATA_DIR: z.string().default('.claviger'),
  DATABASE_URL: databaseUrlField.optional(),
  CLAVIGER_DEPLOYMENT: slug('default'),
  CLAVIGER_AUDIT_CHECKPOINTS: z.string().optional(),
  CLAVIGER_AUDIT_PUBLIC_KEY: z.string().optional(),
  CLAVIGER_AUDIT_PRIVATE_KEY: z.string().optional(),
  CLAVIGER_ENGINE_STATE_DIR: z.string().optional(),
});

/** Reads and validates the settings of the audit tool. Throws a ConfigError that lists every fault. */
export function loadAuditToolConfig(env: Environment = processEnvironment()): AuditToolConfig {
  const { values } = load('audit', fieldsOf, env);
  return {
    dataDir: values.CLAVIGER_DATA_DIR,
    databaseUrl: values.DATABASE_URL ?? null,
    deployment: values.CLAVIGER_DEPLOYMENT,
    checkpointsPath: values.CLAVIGER_AUDIT_CHECKPOINTS ?? null,
    publicKeyPath: values.CLAVIGER_AUDIT_PUBLIC_KEY ?? null,
    privateKeyPath: values.CLAVIGER_AUDIT_PRIVATE_KEY ?? null,
    engineStateDir: values.CLAVIGER_ENGINE_STATE_DIR ?? null,
  };
}
