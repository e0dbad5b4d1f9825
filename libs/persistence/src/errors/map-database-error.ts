import { AppError } from '#lib/kernel';
import { ClavigerError, notFound } from '#lib/contracts';
import { sqlFailure, type SqlFailure } from './sql-state.js';

/**
 * Turns what the database refused into an error that a caller can act on; anything else goes through unchanged.
 * The original error is kept as `cause`, for logs only.
 */
export function mapDatabaseError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const failure = sqlFailure(error);
  return failure ? (mapped(failure, error) ?? error) : error;
}

function mapped(failure: SqlFailure, cause: unknown): ClavigerError | undefined {
  switch (failure.state) {
    case '23505':
      return taken(failure, cause);
    case '23503':
      return dangling(failure, cause);
    case '40001':
    case '40P01':
      return new ClavigerError(
        'conflict',
        'Somebody else changed the same thing at the same time. Try again.',
        {
          cause,
        },
      );
    case '42501':
      // Row-level security or a missing grant: our fault, never the caller's.
      return new ClavigerError('internal', 'The database refused the statement.', { cause });
    case '53300':
    case '55P03':
    case '57014':
    case '57P01':
    case '57P03':
    case '08001':
    case '08006':
      return new ClavigerError(
        'overloaded',
        'The database did not answer in time. Try again in a few seconds; if it goes on, tell the operator.',
        { cause },
      );
    default:
      return undefined;
  }
}

function taken(failure: SqlFailure, cause: unknown): ClavigerError {
  return /\b(name|slug)\b|_name_|_slug_/.test(failure.target)
    ? new ClavigerError('name_taken', 'This name is already in use here. Choose another one.', { cause })
    : new ClavigerError('conflict', 'This already exists. Reload and look at what is there.', { cause });
}

/** A reference that leads nowhere looks like an unknown id; a row that is still referred to cannot go. */
function dangling(failure: SqlFailure, cause: unknown): ClavigerError {
  if (!/still referenced|update or delete on table/.test(failure.target)) return notFound();
  return new ClavigerError('conflict', 'Something else still uses this. Detach it there first.', { cause });
}
