import { z } from 'zod';

const file = z.object({
  /** Below the folder, with `/`. */
  path: z.string().regex(/^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/),
  bytes: z.number().int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const common = {
  takenAt: z.iso.datetime(),
  /** Of Claviger. */
  version: z.string(),
  deployment: z.string(),
  files: z.array(file),
};

/** What a backup's folder says about itself. */
export const backupManifest = z.object({
  format: z.literal('claviger-backup/1'),
  ...common,
  /** Null where the database is the operator's own and is backed up with its own tools. */
  database: z
    .object({
      /** Of PostgreSQL, e.g. `18.4`. */
      server: z.string(),
      /** The migrations that it has. */
      migrations: z.array(z.string()).min(1),
      /** Of its audit checkpoints. */
      epoch: z.number().int().nonnegative(),
      orgs: z.number().int().nonnegative(),
      /** The master keys that its secrets are wrapped under, as `kms_ref` names them. */
      sealedUnder: z.array(z.string()),
    })
    .nullable(),
});
export type BackupManifest = z.infer<typeof backupManifest>;

/** What a folder of private keys says about itself. */
export const keysManifest = z.object({
  format: z.literal('claviger-keys/1'),
  ...common,
  /** The local master keys in it. */
  holds: z.array(z.string()),
});
export type KeysManifest = z.infer<typeof keysManifest>;

export type Manifest = BackupManifest | KeysManifest;
export type FileEntry = z.infer<typeof file>;
