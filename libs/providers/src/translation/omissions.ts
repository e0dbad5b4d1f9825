import { ClavigerError } from '#lib/contracts';

/**
 * Throws `validation_failed` for what a vendor's client left out, by its warnings: nothing is dropped in silence. An effort that became
 * the nearest one that the vendor has is not left out.
 */
export function refuseOmissions(warnings: readonly object[]): void {
  const named = warnings
    .map((warning) => ('feature' in warning ? String(warning.feature) : 'a setting'))
    .filter((_, index) => !isNearest(warnings[index]));
  if (named.length === 0) return;
  throw new ClavigerError(
    'validation_failed',
    `The provider of this model has no word for: ${named.join(', ')}. Leave it out, or use a model of a provider with this protocol.`,
  );
}

function isNearest(warning: object | undefined): boolean {
  if (!warning || !('type' in warning) || !('feature' in warning)) return false;
  return warning.type === 'compatibility' && warning.feature === 'reasoning';
}
