/** What a failed statement says about itself, whichever driver threw it. */
export interface SqlFailure {
  /** SQLSTATE, e.g. `23505`. */
  state: string;
  /** Columns or constraint of a violated key, lower case; empty when unknown. */
  target: string;
}

/** Prisma's own codes where it has one for a SQLSTATE. */
const PRISMA_CODES: Record<string, string> = {
  P2002: '23505',
  P2003: '23503',
  P2004: '23514',
  P2034: '40001',
  P2028: '55P03', // no connection or no time for the interactive transaction
  P2024: '55P03',
  P1001: '08006',
  P1002: '08006',
  P1008: '08006',
  P1017: '08006',
};

const UNREACHABLE = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT', 'EPIPE']);

/** Reads SQLSTATE and key from an error of `pg` or Prisma; undefined when it is no database error. */
export function sqlFailure(error: unknown): SqlFailure | undefined {
  if (!isRecord(error)) return undefined;
  const cause = driverCause(error);
  const original = textOf(cause?.['originalCode']) ?? textOf(cause?.['code']);
  if (original && isSqlState(original)) return { state: original, target: targetOf(error, cause) };
  const code = textOf(error['code']);
  if (!code) return fromMessage(error);
  if (PRISMA_CODES[code]) return { state: PRISMA_CODES[code], target: targetOf(error, cause) };
  if (UNREACHABLE.has(code)) return { state: '08006', target: '' };
  return isSqlState(code) ? { state: code, target: targetOf(error, cause) } : undefined;
}

/** Prisma keeps what the driver adapter said under `meta.driverAdapterError.cause`; the adapter throws it bare, too. */
function driverCause(error: Record<string, unknown>): Record<string, unknown> | undefined {
  const meta = isRecord(error['meta']) ? error['meta'] : undefined;
  const adapter = meta && isRecord(meta['driverAdapterError']) ? meta['driverAdapterError'] : error;
  return isRecord(adapter['cause']) ? adapter['cause'] : undefined;
}

function targetOf(error: Record<string, unknown>, cause: Record<string, unknown> | undefined): string {
  const constraint = cause?.['constraint'];
  const parts = [error['constraint'], error['table'], error['detail'], cause?.['originalMessage']];
  if (isRecord(constraint)) parts.push(constraint['index'], String(constraint['fields'] ?? ''));
  if (isRecord(error['meta'])) parts.push(String(error['meta']['target'] ?? ''));
  return parts
    .filter((part) => typeof part === 'string')
    .join(' ')
    .toLowerCase();
}

/** The pool's own errors have no code. */
function fromMessage(error: Record<string, unknown>): SqlFailure | undefined {
  const message = textOf(error['message']) ?? '';
  if (/timeout exceeded when trying to connect|query read timeout/i.test(message))
    return { state: '55P03', target: '' };
  if (/connection terminated|server closed the connection|is not queryable/i.test(message))
    return { state: '08006', target: '' };
  return undefined;
}

function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('P1') && !code.startsWith('P2');
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
