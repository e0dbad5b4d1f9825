import { z } from 'zod';
import { checkpointFile, checkpointFileFields, type CheckpointFile } from './checkpoints.js';
import { commonConfig, commonFields, type CommonConfig } from './common.js';
import { wayOut, wayOutFields, type WayOutConfig } from './egress.js';
import { processEnvironment, type Environment } from './environment.js';
import { httpUrlField, list, portField, required } from './fields.js';
import { kmsConfig, kmsFields, type KmsConfig } from './kms.js';
import { orgKmsConfig, orgKmsFields, type OrgKmsConfig } from './org-kms.js';
import { load, type SettingsCheck } from './load.js';
import { processesField } from './processes.js';
import { tracingConfig, tracingFields, type TracingConfig } from './tracing.js';

/** Settings of the execution plane: the only process that is given what opens a provider key. */
export interface EngineConfig extends CommonConfig, WayOutConfig {
  kms: KmsConfig;
  /** Null: keys that organizations named in their own accounts are not used. */
  orgKms: OrgKmsConfig | null;
  /** `scheme://CIDR:port[@org_…]` entries that tenant URLs may reach although they are private. */
  egressAllow: string[];
  /** Where browsers reach the web app: the only origin whose cookie-authenticated "Try it" is accepted. */
  publicUrl: string;
  /** Where workflow engines reach this process. */
  engineUrl: string;
  ticketPublicKeyPath: string;
  /** Tells that an old copy of the database was restored. Null: what `stateDir` remembers must do. */
  checkpoints: CheckpointFile | null;
  /** A folder that this process may write: what it remembers of the database. Null: nothing. */
  stateDir: string | null;
  /** How many runs this process has under way at once for callers who wait; every tenant may hold a share of them. */
  runPlaces: number;
  /** How many queued runs this process has under way at once; 0: it takes none. Every tenant may hold a share of them. */
  runSlots: number;
  /** How many queued runs of one workspace are under way at once, over all processes. */
  runSlotsPerWorkspace: number;
  /** How long a run waits for outputs of its caller's tools and for approvals, in minutes. */
  pauseMinutes: number;
  /** How long calls and runs under way may go on when the process is asked to end, in seconds. */
  shutdownGraceSeconds: number;
  /** Where spans go; null: none are made. */
  tracing: TracingConfig | null;
  /** How many processes serve the one port. */
  processes: number;
}

function fieldsOf(env: Environment) {
  return {
    ...commonFields('claviger_engine'),
    ...checkpointFileFields,
    ...wayOutFields,
    ...kmsFields(env, { publicKeyset: false, privateKeyset: true }),
    ...orgKmsFields(env),
    ...tracingFields(env),
    CLAVIGER_ENGINE_PORT: portField.default(3002),
    CLAVIGER_EGRESS_ALLOW: list(),
    CLAVIGER_PUBLIC_URL: httpUrlField.default('http://localhost:3000'),
    CLAVIGER_ENGINE_URL: httpUrlField.default('http://localhost:3002'),
    CLAVIGER_ENGINE_STATE_DIR: z.string().optional(),
    CLAVIGER_ENGINE_PROCESSES: processesField,
    CLAVIGER_RUN_PLACES: z.coerce.number().int().min(1).max(100_000).default(2_000),
    CLAVIGER_RUN_SLOTS: z.coerce.number().int().min(0).max(1_000).default(100),
    CLAVIGER_RUN_SLOTS_PER_WORKSPACE: z.coerce.number().int().min(1).max(1_000).default(50),
    CLAVIGER_RUN_PAUSE_MINUTES: z.coerce.number().int().min(1).max(10_080).default(60),
    // Who supervises the process gives it 65 s: 15 of them are for what is written afterwards.
    CLAVIGER_SHUTDOWN_GRACE_SECONDS: z.coerce.number().int().min(0).max(50).default(45),
    CLAVIGER_TICKET_PUBLIC_KEY: required(
      z.string(),
      'Give the path of the public key that checks engine tickets (`npm start` makes one).',
    ),
  };
}

/** Reads and validates the settings of the engine. Throws a ConfigError that lists every fault. */
export function loadEngineConfig(
  env: Environment = processEnvironment(),
  checks: readonly SettingsCheck[] = [],
): EngineConfig {
  const { values, warnings } = load('engine', fieldsOf, env, checks);
  return {
    ...commonConfig(values, values.CLAVIGER_ENGINE_PORT, warnings),
    kms: kmsConfig(values),
    orgKms: orgKmsConfig(values),
    egressAllow: values.CLAVIGER_EGRESS_ALLOW,
    ...wayOut(values),
    publicUrl: values.CLAVIGER_PUBLIC_URL,
    engineUrl: values.CLAVIGER_ENGINE_URL,
    ticketPublicKeyPath: values.CLAVIGER_TICKET_PUBLIC_KEY,
    checkpoints: checkpointFile(values),
    stateDir: values.CLAVIGER_ENGINE_STATE_DIR ?? null,
    runPlaces: values.CLAVIGER_RUN_PLACES,
    runSlots: values.CLAVIGER_RUN_SLOTS,
    runSlotsPerWorkspace: values.CLAVIGER_RUN_SLOTS_PER_WORKSPACE,
    pauseMinutes: values.CLAVIGER_RUN_PAUSE_MINUTES,
    shutdownGraceSeconds: values.CLAVIGER_SHUTDOWN_GRACE_SECONDS,
    tracing: tracingConfig(values),
    processes: values.CLAVIGER_ENGINE_PROCESSES,
  };
}
