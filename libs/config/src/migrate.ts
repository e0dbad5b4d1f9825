import { z } from 'zod';
import { requiredDatabaseUrl } from './common.js';
import { processEnvironment, type Environment } from './environment.js';
import { required, slug } from './fields.js';
import { load } from './load.js';
import { plansField, type PlanSettings } from './plans.js';

/** Settings of the migrator: the only one that is given the owner's login. */
export interface MigrateConfig {
  databaseUrl: string;
  plans: Record<string, Partial<PlanSettings>>;
  warnings: string[];
}

const fieldsOf = () => ({
  DATABASE_URL: requiredDatabaseUrl('postgres', 'of the owner'),
  CLAVIGER_PLANS: plansField,
});

/** Reads and validates the settings of the migrator. Throws a ConfigError that lists every fault. */
export function loadMigrateConfig(env: Environment = processEnvironment()): MigrateConfig {
  const { values, warnings } = load('migrate', fieldsOf, env);
  return { databaseUrl: values.DATABASE_URL, plans: values.CLAVIGER_PLANS, warnings };
}

/** Settings of the one-shot that prepares a deployment of containers: it migrates, makes keys and hands them over. */
export interface ProvisionConfig extends MigrateConfig {
  /** Where the keys are kept and backed up; only this program sees it. */
  keysDir: string;
  deployment: string;
  /** Holds a folder per process, which only that process is given. */
  handoverDir: string;
}

const folder = (what: string) => required(z.string(), `Give the folder ${what}.`);
const provisionFields = () => ({
  ...fieldsOf(),
  CLAVIGER_DEPLOYMENT: slug('default'),
  CLAVIGER_KEYS_DIR: folder('in which the key files are kept'),
  CLAVIGER_HANDOVER_DIR: folder('that holds a folder for each of api, engine and worker'),
});

/** Reads and validates the settings of the provisioner. Throws a ConfigError that lists every fault. */
export function loadProvisionConfig(env: Environment = processEnvironment()): ProvisionConfig {
  const { values, warnings } = load('provision', provisionFields, env);
  return {
    databaseUrl: values.DATABASE_URL,
    plans: values.CLAVIGER_PLANS,
    deployment: values.CLAVIGER_DEPLOYMENT,
    keysDir: values.CLAVIGER_KEYS_DIR,
    handoverDir: values.CLAVIGER_HANDOVER_DIR,
    warnings,
  };
}
