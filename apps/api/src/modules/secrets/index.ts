export {
  packCredential,
  readCredential,
  type PreparedVersion,
  type SecretRecord,
  type SecretVersionRecord,
} from './secret.js';
export { FINGERPRINT_PEPPER, SecretSealer, type VersionIdentity } from './secret-sealer.js';
export { SecretStore } from './secret-store.js';
export { CREDENTIAL_SCHEMA, IsCredential, IsSecretText } from './secrets.dto.js';
export { SecretsModule } from './secrets.module.js';
