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

function fieldsOf(env: Environment) {
  return {
    ...commonFields('claviger_worker'),
    ...checkpointSigningFields,
    ...(env.CLAVIGER_REWRAP_FROM !== undefined && {
      ...kmsFields(env, { publicKeyset: true, privateKeyset: true }),
      ...orgKmsFields(env),
    }),
    CLAVIGER_REWRAP_FROM: refs.optional(),
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
    checkpoints: privateKeyPath ? { privateKeyPath, file: checkpointFile(values), everySeconds } : null,
  };
}
