import { HttpException } from '@nestjs/common';
import { ClavigerError, notFound, type ErrorCode, type ProblemDocument } from '#lib/contracts';
import { AppError } from '#lib/kernel';
import { ERROR_STATUS } from './error-status.js';

/** A problem as it is answered. `internal` alone has no `detail`: what happened is for the log, the request id finds it. */
export type ProblemBody = Omit<ProblemDocument, 'detail'> & { detail?: string };

export interface ProblemAnswer {
  status: number;
  headers: Record<string, string>;
  body: ProblemBody;
}

/**
 * The RFC 9457 answer to any thrown value. Ours keep their code; what Fastify and Nest throw by themselves (unknown
 * route, unreadable body, body too large) gets the code that API.md gives it; everything else is `internal`.
 * `extras.retryAfterSeconds` also becomes the `Retry-After` header.
 */
export function problemFor(thrown: unknown, requestId: string, instance: string): ProblemAnswer {
  const error = asClavigerError(thrown);
  const status = ERROR_STATUS[error.code];
  const body: ProblemBody = {
    ...error.extras,
    type: `urn:claviger:problem:${error.code}`,
    title: titleOf(error.code),
    status,
    ...(error.code === 'internal' ? {} : { detail: error.message }),
    instance,
    code: error.code,
    requestId,
    ...(error.errors ? { errors: error.errors } : {}),
  };
  return { status, headers: headersOf(error), body };
}

/** The thrown value as one of the closed union of codes; never passes on a foreign error's own message. */
export function asClavigerError(thrown: unknown): ClavigerError {
  if (thrown instanceof ClavigerError) return thrown;
  if (thrown instanceof AppError && thrown.code in ERROR_STATUS) {
    return new ClavigerError(thrown.code as ErrorCode, thrown.message, thrown);
  }
  return byStatus(statusOf(thrown), thrown);
}

function byStatus(status: number, cause: unknown): ClavigerError {
  switch (status) {
    case 400:
    case 415:
      return new ClavigerError(
        'malformed_request',
        'The request could not be read. Send well-formed JSON as application/json.',
        { cause },
      );
    case 401:
      return new ClavigerError(
        'unauthenticated',
        'Sign in, or send a valid token as "Authorization: Bearer …".',
        { cause },
      );
    case 403:
      return new ClavigerError('forbidden', 'You may not do this. Ask an OWNER of the organization.', {
        cause,
      });
    case 404:
    case 414: // an id in the path too long to be one
    case 405:
      return notFound();
    case 413:
      return new ClavigerError(
        'payload_too_large',
        'The body is larger than this endpoint takes. Send less.',
        { cause },
      );
    case 503:
      return new ClavigerError(
        'overloaded',
        'The server is stopping or too busy. Try again in a few seconds.',
        { cause },
      );
    default:
      return new ClavigerError('internal', 'internal', { cause });
  }
}

function statusOf(thrown: unknown): number {
  if (thrown instanceof HttpException) return thrown.getStatus();
  if (typeof thrown !== 'object' || thrown === null) return 500;
  // Only Fastify's own errors may choose a status: any library's error object may carry a `statusCode` of its own.
  const { code, statusCode } = thrown as { code?: unknown; statusCode?: unknown };
  return typeof code === 'string' && code.startsWith('FST_') && typeof statusCode === 'number'
    ? statusCode
    : 500;
}

function headersOf(error: ClavigerError): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/problem+json; charset=utf-8',
    'cache-control': 'no-store',
  };
  if (error.code === 'unauthenticated') headers['www-authenticate'] = 'Bearer realm="claviger"';
  const seconds = error.extras?.['retryAfterSeconds'];
  if (typeof seconds === 'number') headers['retry-after'] = String(Math.max(1, Math.ceil(seconds)));
  return headers;
}

function titleOf(code: ErrorCode): string {
  const words = code.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
