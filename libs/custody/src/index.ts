export type { SealedSecret } from './sealed-secret.js';
export type { Purpose, SecretIdentity } from '#lib/kms';
