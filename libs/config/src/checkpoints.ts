import { z } from 'zod';

/** Where the file of signed audit checkpoints is, and what checks it; for whoever reads it. */
export interface CheckpointFile {
  path: string;
  publicKeyPath: string;
}

/** What the worker signs audit checkpoints with. */
export interface CheckpointSigning {
  privateKeyPath: string;
  /** Null: signed in the database only, so that a cut tail goes unnoticed by whoever can write there. */
  file: CheckpointFile | null;
  everySeconds: number;
}

export const checkpointFileFields = {
  CLAVIGER_AUDIT_CHECKPOINTS: z.string().optional(),
  CLAVIGER_AUDIT_PUBLIC_KEY: z.string().optional(),
};

export const checkpointSigningFields = {
  ...checkpointFileFields,
  CLAVIGER_AUDIT_PRIVATE_KEY: z.string().optional(),
  CLAVIGER_AUDIT_CHECKPOINT_SECONDS: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, 'is not a number of seconds|Use a whole number from 1 to 99999.')
    .default('30')
    .transform(Number),
};

type Values = Partial<Record<keyof typeof checkpointFileFields, string | undefined>>;

/** Both settings or neither: a file that nobody can check would prove nothing. */
export function checkpointFile(values: Values): CheckpointFile | null {
  const { CLAVIGER_AUDIT_CHECKPOINTS: path, CLAVIGER_AUDIT_PUBLIC_KEY: publicKeyPath } = values;
  return path !== undefined && publicKeyPath !== undefined ? { path, publicKeyPath } : null;
}

/** A warning where one of a pair is missing. */
export function checkpointWarnings(values: Values): string[] {
  const { CLAVIGER_AUDIT_CHECKPOINTS: path, CLAVIGER_AUDIT_PUBLIC_KEY: key } = values;
  if (path !== undefined && key !== undefined) return [];
  return [
    'CLAVIGER_AUDIT_CHECKPOINTS and CLAVIGER_AUDIT_PUBLIC_KEY are not both set: that an old backup was restored, or that the end of the audit log was cut off, goes unnoticed.',
  ];
}
