import { z } from 'zod';
import {
  checkpointFile,
  checkpointSigningFields,
  checkpointWarnings,
  type CheckpointSigning,
} from './checkpoints.js';
import { commonConfig, commonFields, type CommonConfig } from './common.js';
import { processEnvironment, type Environment } from './environment.js';
import { fault, portField } from './fields.js';
import { kmsConfig, kmsFields, type KmsConfig } from './kms.js';
import { load } from './load.js';
import { orgKmsConfig, orgKmsFields, type OrgKmsConfig } from './org-kms.js';

/** What the worker is given while data keys are moved to another master key (infra/docs/runbooks). */
export interface RewrapConfig {
  /** With the new master key as its key. A local one comes with the private keyset, which no worker holds otherwise. */
  kms: KmsConfig;
  /** The master keys (`kms_ref`) whose data keys are moved; `all`: whatever is not under the new one. */
  from: 'all' | string[];
  /** Null: what is wrapped under keys of organizations' own stays where it is. */
  orgKms: OrgKmsConfig | null;
}

/** Settings of the worker. It holds no key that opens anything, but while a re-wrap runs. */
export interface WorkerConfig extends CommonConfig {
  /** Null: no re-wrap. */
  rewrap: RewrapConfig | null;
  /** Null: audit checkpoints are not signed. */
  checkpoints: CheckpointSigning | null;
  /** How long what calls used is kept, in days. `receiptDays` null: for ever, where a plan has no history limit. */
  usage: { receiptDays: number | null; minuteDays: number };
}

const refs = z
  .string()
  .transform((text) => text.split(',').map((entry) => entry.trim()))
  .refine(
    (entries) =>
      entries.join() === 'all' || entries.every((entry) => /^(?:local|aws|vault|own-aws):\S+$/.test(entry)),
    fault(
      'is not a list of master keys',
      'Use all, or references as the database has them, e.g. aws:arn:aws:kms:….',
    ),
  );

const notDays = (least: number) =>
  fault(`is not a number of days from ${least} to 3650`, `Use a whole number from ${least} to 3650.`);

/** A number of days; `least` at least. */
function days(least: number) {
  return z
    .string()
    .regex(/^\d{1,4}$/, notDays(least))
    .transform(Number)
    .refine((value) => value >= least && value <= 3_650, notDays(least));
}

function fieldsOf(env: Environment) {
  return {
    ...commonFields('claviger_worker'),
    ...checkpointSigningFields,
    ...(env.CLAVIGER_REWRAP_FROM !== undefined && {
      ...kmsFields(env, { publicKeyset: true, privateKeyset: true }),
      ...orgKmsFields(env),
    }),
    CLAVIGER_REWRAP_FROM: refs.optional(),
    CLAVIGER_RECEIPT_DAYS: days(35).optional(),
    CLAVIGER_USAGE_MINUTE_DAYS: days(1).default(30),
    CLAVIGER_WORKER_PORT: portField.default(3003),
  };
}

/** Reads and validates the settings of the worker. Throws a ConfigError that lists every fault. */
export function loadWorkerConfig(env: Environment = processEnvironment()): WorkerConfig {
  const { values, warnings } = load('worker', fieldsOf, env);
  const from = values.CLAVIGER_REWRAP_FROM;
  const privateKeyPath = values.CLAVIGER_AUDIT_PRIVATE_KEY;
  const everySeconds = values.CLAVIGER_AUDIT_CHECKPOINT_SECONDS;
  return {
    ...commonConfig(values, values.CLAVIGER_WORKER_PORT, [
      ...warnings,
      ...(privateKeyPath ? checkpointWarnings(values) : []),
    ]),
    rewrap: from
      ? { kms: kmsConfig(values), from: from.join() === 'all' ? 'all' : from, orgKms: orgKmsConfig(values) }
      : null,
    usage: {
      receiptDays: values.CLAVIGER_RECEIPT_DAYS ?? null,
      minuteDays: values.CLAVIGER_USAGE_MINUTE_DAYS,
    },
    checkpoints: privateKeyPath ? { privateKeyPath, file: checkpointFile(values), everySeconds } : null,
  };
}
