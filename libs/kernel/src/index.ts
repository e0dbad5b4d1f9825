export { AppError, type AppErrorOptions, type FieldFault } from './app-error.js';
export {
  bearerHash,
  issueToken,
  opaqueToken,
  TOKEN_KINDS,
  type IssuedToken,
  type TokenKind,
} from './bearer.js';
export { ManualClock, systemClock, type Clock } from './clock.js';
export {
  deriveRolePassword,
  equalBytes,
  hashPassword,
  hmacSha256,
  randomHex,
  sha256,
  sha256OfText,
  sha256OfStream,
  verifyPassword,
} from './hashing.js';
export {
  fromUuid,
  ID_PREFIXES,
  isId,
  newId,
  newUuid,
  timeOfId,
  toUuid,
  type IdPrefix,
  type TypeId,
} from './ids.js';
export { SecretBytes } from './secret-bytes.js';
export { newSigningSecret, webhookSignature } from './webhook-signature.js';
