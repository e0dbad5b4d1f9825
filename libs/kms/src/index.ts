export { createKms } from './create-kms.js';
export { deriveEnvelopeKey, openEnvelope, sealEnvelope, type EnvelopeKey } from './envelope.js';
export { KmsError, type KmsErrorKind, type OwnKeyMender } from './kms-error.js';
export { localKeysets } from './local/local-keysets.js';
export type { LocalKeysetPaths } from './local/generate.js';

export type { KmsObserver } from './observed.js';
export type { OwnKms } from './own/with-own-keys.js';
export type { SecretIdentity } from './aad.js';
export type {
  DataKey,
  KmsContext,
  KmsKeyDescription,
  KmsOpenPort,
  KmsRef,
  KmsRewrapPort,
  KmsSealPort,
  Purpose,
} from './kms.port.js';
