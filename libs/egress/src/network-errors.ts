import { ClavigerError } from '#lib/contracts';

const CONNECTING: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  ENOTFOUND: 'the host name has no address',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ECONNRESET: 'the connection was reset',
  UND_ERR_SOCKET: 'the other side closed the connection',
};

/**
 * A failed exchange as an error of the closed union.
 * @param bytesLeft whether the request was (partly) sent, so that the upstream may have acted on it.
 */
export function networkError(error: unknown, bytesLeft: boolean): ClavigerError {
  if (error instanceof ClavigerError) return error;
  const code = codeOf(error);
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') {
    const detail =
      'The provider could not be reached in time. Check the base URL and the network of the engine.';
    return new ClavigerError('upstream_timeout', detail, { cause: error });
  }
  const why =
    CONNECTING[code] ??
    (isTls(code) ? `its certificate was not accepted (${code})${privateCa(code)}` : 'the connection failed');
  const detail = bytesLeft
    ? `The connection to the provider broke: ${why}. It may have acted on the request.`
    : `The provider could not be reached: ${why}. Check the base URL and that the server is up.`;
  return new ClavigerError('upstream_error', detail, { cause: error });
}

/** Whoever signed it is not known here: a private CA, or a proxy that looks into TLS. */
function privateCa(code: string): string {
  return /SELF_SIGNED|UNABLE_TO/.test(code)
    ? '; the platform operator can trust its issuer with CLAVIGER_EGRESS_CA_FILE'
    : '';
}

function isTls(code: string): boolean {
  return /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO/.test(code);
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('errors' in error && Array.isArray(error.errors) && error.errors.length > 0)
    return codeOf(error.errors[0]);
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'cause' in error ? codeOf(error.cause) : '';
}
