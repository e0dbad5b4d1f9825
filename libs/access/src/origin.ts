import { ClavigerError } from '#lib/contracts';
import { equalBytes } from '#lib/kernel';

interface OriginRequest {
  method: string;
  host: string;
  headers: Record<string, string | string[] | undefined>;
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export function isWrite(method: string): boolean {
  return !SAFE_METHODS.has(method);
}

/**
 * Refuses a write that a browser sends from a foreign page. Accepted are the public URL's origin and the host that the
 * browser itself called (it alone writes Host and Origin, a page cannot). No Origin: not a browser's cross-site write.
 */
export function assertOwnOrigin(request: OriginRequest, publicUrl: string): void {
  const origin = request.headers['origin'];
  if (origin === undefined) return;
  const url = typeof origin === 'string' && URL.canParse(origin) ? new URL(origin) : undefined;
  if (url && (url.origin === new URL(publicUrl).origin || url.host === request.host)) return;
  throw new ClavigerError(
    'csrf_failed',
    'This change came from a page of another origin. Use the address that the operator published (CLAVIGER_PUBLIC_URL).',
  );
}

/** Refuses a cookie's write without the session's own `X-CSRF-Token`. */
export function assertCsrfToken(request: OriginRequest, expected: string): void {
  const sent = request.headers['x-csrf-token'];
  if (typeof sent === 'string' && equalBytes(Buffer.from(sent), Buffer.from(expected))) return;
  throw new ClavigerError(
    'csrf_failed',
    'Send the csrfToken of log-in or GET /auth/me as X-CSRF-Token with every change.',
  );
}
