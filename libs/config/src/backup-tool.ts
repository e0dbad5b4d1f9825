import { z } from 'zod';
import { processEnvironment, type Environment } from './environment.js';
import { databaseUrlField, slug } from './fields.js';
import { load } from './load.js';

/** Settings of `npm run backup` and `npm run restore`. */
export interface BackupToolConfig {
  dataDir: string;
  /** The folder of all key files: that of a deployment of containers, or the one in the data folder. */
  keysDir: string;
  /** The operator's own Postgres, which is backed up with its own tools; null: the embedded one. */
  databaseUrl: string | null;
  deployment: string;
  /** Null: in the data folder. */
  checkpointsPath: string | null;
}

const fieldsOf = () => ({
  CLAVIGER_DATA_DIR: z.string().default('.claviger'),
  CLAVIGER_KEYS_DIR: z.string().optional(),
  DATABASE_URL: databaseUrlField.optional(),
  CLAVIGER_DEPLOYMENT: slug('default'),
  CLAVIGER_AUDIT_CHECKPOINTS: z.string().optional(),
});

/** Reads and validates the settings of the backup tools. Throws a ConfigError that lists every fault. */
export function loadBackupToolConfig(env: Environment = processEnvironment()): BackupToolConfig {
  const { values } = load('backup', fieldsOf, env);
  return {
    dataDir: values.CLAVIGER_DATA_DIR,
    keysDir: values.CLAVIGER_KEYS_DIR ?? `${values.CLAVIGER_DATA_DIR}/keys`,
    databaseUrl: values.DATABASE_URL ?? null,
    deployment: values.CLAVIGER_DEPLOYMENT,
    checkpointsPath: values.CLAVIGER_AUDIT_CHECKPOINTS ?? null,
  };
}
