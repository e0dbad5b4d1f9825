import { KmsError, type KmsErrorKind } from '../kms-error.js';

/**
 * By the `__type` of the answer (STS: its `Code`); https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html,
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html and each operation's page.
 */
const KINDS: Record<string, KmsErrorKind> = {
  ThrottlingException: 'throttled',
  Throttling: 'throttled',
  TooManyRequestsException: 'throttled',
  RequestLimitExceeded: 'throttled',
  LimitExceededException: 'throttled',

  AccessDeniedException: 'denied',
  AccessDenied: 'denied',
  RegionDisabledException: 'denied',
  KMSAccessDeniedException: 'denied',
  NotAuthorized: 'denied',
  OptInRequired: 'denied',
  UnrecognizedClientException: 'denied',
  InvalidClientTokenId: 'denied',
  InvalidSignatureException: 'denied',
  IncompleteSignature: 'denied',
  MissingAuthenticationToken: 'denied',
  ExpiredTokenException: 'denied',
  InvalidKeyUsageException: 'denied',

  NotFoundException: 'key_gone',
  DisabledException: 'key_gone',
  KMSInvalidStateException: 'key_gone',
  InvalidArnException: 'key_gone',

  InvalidCiphertextException: 'tampered',
  IncorrectKeyException: 'tampered',
};

/**
 * The one of the closed set that fits. Whatever isn't a clear answer about the key or about us (network, timeouts,
 * missing credentials, the service's own faults) is `unavailable`: cached keys then go on serving for a while.
 */
export function toKmsError(error: unknown, operation: string, service = 'KMS'): KmsError {
  if (error instanceof KmsError) return error;
  const name = error instanceof Error ? error.name : 'unknown';
  const kind = KINDS[name] ?? 'unavailable';
  return new KmsError(kind, `AWS ${service} ${operation}: ${name}`, { cause: error });
}
