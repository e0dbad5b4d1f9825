import { ClavigerError } from '#lib/contracts';
import type { FieldFault } from '#lib/kernel';

/**
 * The value of a field after a PATCH (PRODUCT #18): the one sent, `cleared` when the field is named in `clear`, else the one
 * that is there.
 */
export function patched<T>(current: T, sent: T | undefined, clear: boolean, cleared: T): T {
  if (clear) return cleared;
  return sent === undefined ? current : sent;
}

/** Refuses a PATCH that both sets and clears a field. `sent` is the body without `clear`. */
export function assertNotSetAndCleared(sent: object, clear: readonly string[]): void {
  const given = new Set(
    Object.entries(sent).flatMap(([field, value]) => (value === undefined ? [] : [field])),
  );
  const errors: FieldFault[] = clear
    .filter((field) => given.has(field))
    .map((field) => ({
      pointer: `/${field}`,
      detail: `${field} is both set and cleared: send one of the two.`,
    }));
  if (errors.length === 0) return;
  throw new ClavigerError(
    'validation_failed',
    'A field is both set and cleared. Send it, or name it in clear, not both.',
    {
      errors,
    },
  );
}
