import { z } from 'zod';
import {
  checkpointFile,
  checkpointSigningFields,
  checkpointWarnings,
  type CheckpointSigning,
} from './checkpoints.js';
import { commonConfig, commonFields, type CommonConfig } from './common.js';
import { wayOut, wayOutFields, type WayOutConfig } from './egress.js';
import { processEnvironment, type Environment } from './environment.js';
import { choice, fault, list, portField } from './fields.js';
import { kmsConfig, kmsFields, type KmsConfig } from './kms.js';
import { load, type SettingsCheck } from './load.js';
import { orgKmsConfig, orgKmsFields, type OrgKmsConfig } from './org-kms.js';

const REWRAP_PURPOSES = ['call', 'webhook', 'login'] as const;

/** What the worker is given while data keys are moved to another master key (infra/docs/runbooks). */
export interface RewrapConfig {
  /** With the new master key as its key. A local one comes with the private keyset, which no worker holds otherwise. */
  kms: KmsConfig;
  /** The master keys (`kms_ref`) whose data keys are moved; `all`: whatever is not under the new one. */
  from: 'all' | string[];
  /** One purpose at a time: who may move two could move a data key from one into the other (ADR 0012). */
  purpose: (typeof REWRAP_PURPOSES)[number];
  /** Null: what is wrapped under keys of organizations' own stays where it is. */
  orgKms: OrgKmsConfig | null;
}

/** What a worker is given that sends webhooks: what opens signing secrets, and the way out. */
export interface WebhooksConfig extends WayOutConfig {
  /** A local one comes with the private keyset of the purpose `webhook`. */
  kms: KmsConfig;
  orgKms: OrgKmsConfig | null;
  /** `CLAVIGER_EGRESS_ALLOW`. */
  egressAllow: string[];
}

/** Settings of the worker. It opens what signs webhooks and nothing else; while a re-wrap runs it sends none. */
export interface WorkerConfig extends CommonConfig {
  /** Null: messages of webhooks are written down and wait for a worker that sends them. */
  webhooks: WebhooksConfig | null;
  /** Null: no re-wrap. */
  rewrap: RewrapConfig | null;
  /** Null: audit checkpoints are not signed. */
  checkpoints: CheckpointSigning | null;
  /** How long what calls used is kept, and rows of runs that no receipt names, in days; null: for ever. `receiptDays` where a plan has no history limit. */
  usage: { receiptDays: number | null; minuteDays: number; runDays: number | null };
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

/**
 * Where the keys are: the private keyset with the local KMS, the process's own identity with the others. Who moves data keys opens
 * none (ADR 0012), so a worker does one or the other.
 */
function sendsWebhooks(env: Environment): boolean {
  if (env.CLAVIGER_REWRAP_FROM !== undefined) return false;
  const isLocal = env.CLAVIGER_KMS === undefined || env.CLAVIGER_KMS === 'local';
  return !isLocal || env.CLAVIGER_KMS_PRIVATE_KEYSET !== undefined;
}

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
    ...(sendsWebhooks(env) && {
      ...kmsFields(env, { publicKeyset: false, privateKeyset: true }),
      ...orgKmsFields(env),
    }),
    ...wayOutFields,
    CLAVIGER_EGRESS_ALLOW: list(),
    CLAVIGER_REWRAP_FROM: refs.optional(),
    CLAVIGER_REWRAP_PURPOSE: choice(REWRAP_PURPOSES, 'call'),
    CLAVIGER_RECEIPT_DAYS: days(35).optional(),
    CLAVIGER_RUN_DAYS: days(35).optional(),
    CLAVIGER_USAGE_MINUTE_DAYS: days(1).default(30),
    CLAVIGER_WORKER_PORT: portField.default(3003),
  };
}

/** Reads and validates the settings of the worker. Throws a ConfigError that lists every fault. */
export function loadWorkerConfig(
  env: Environment = processEnvironment(),
  checks: readonly SettingsCheck[] = [],
): WorkerConfig {
  const { values, warnings } = load('worker', fieldsOf, env, checks);
  // As the fields were chosen: an empty variable is none.
  const sends = 'CLAVIGER_KMS' in values && values.CLAVIGER_REWRAP_FROM === undefined;
  const from = values.CLAVIGER_REWRAP_FROM;
  const privateKeyPath = values.CLAVIGER_AUDIT_PRIVATE_KEY;
  const everySeconds = values.CLAVIGER_AUDIT_CHECKPOINT_SECONDS;
  return {
    ...commonConfig(values, values.CLAVIGER_WORKER_PORT, [
      ...warnings,
      ...(privateKeyPath ? checkpointWarnings(values) : []),
    ]),
    webhooks: sends
      ? {
          kms: kmsConfig(values),
          orgKms: orgKmsConfig(values),
          egressAllow: values.CLAVIGER_EGRESS_ALLOW,
          ...wayOut(values),
        }
      : null,
    rewrap: from
      ? {
          kms: kmsConfig(values),
          from: from.join() === 'all' ? 'all' : from,
          purpose: values.CLAVIGER_REWRAP_PURPOSE,
          orgKms: orgKmsConfig(values),
        }
      : null,
    usage: {
      receiptDays: values.CLAVIGER_RECEIPT_DAYS ?? null,
      minuteDays: values.CLAVIGER_USAGE_MINUTE_DAYS,
      runDays: values.CLAVIGER_RUN_DAYS ?? null,
    },
    checkpoints: privateKeyPath ? { privateKeyPath, file: checkpointFile(values), everySeconds } : null,
  };
}
