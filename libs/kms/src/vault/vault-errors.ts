import { KmsError, type KmsErrorKind } from '../kms-error.js';

/**
 * Transit tells its refusals apart by text alone (`errors` of the answer; sdk/helper/keysutil/policy.go of Vault, the
 * same in OpenBao). Which status carries them differs between releases, so the text is looked at first.
 */
const BY_TEXT: [RegExp, KmsErrorKind][] = [
  // A standby that has not heard of the newest key version yet says this: in doubt, so not "tampered".
  [/version is too new/, 'unavailable'],
  [/invalid ciphertext|message authentication failed|(?:could not|unable to) decrypt/, 'tampered'],
  [/encryption key not found|disallowed by policy \(too old\)/, 'key_gone'],
];

/** By status; https://developer.hashicorp.com/vault/api-docs#http-status-codes. */
function byStatus(status: number): KmsErrorKind {
  switch (status) {
    case 401:
    case 403:
      return 'denied';
    case 404:
      return 'key_gone';
    case 429:
      return 'throttled';
    default:
      // Sealed, standby, maintenance, and every refusal whose words are new to us.
      return 'unavailable';
  }
}

/** The one of the closed set that fits an answer of Vault. The message quotes nothing of the answer. */
export function vaultError(status: number, errors: readonly string[], operation: string): KmsError {
  const text = errors.join('\n');
  const kind = BY_TEXT.find(([pattern]) => pattern.test(text))?.[1] ?? byStatus(status);
  return new KmsError(kind, `Vault transit ${operation}: ${status}`);
}
