import type { Catalogue } from '#lib/catalog';
import { ClavigerError } from '#lib/contracts';

function validSlugs(catalogue: Catalogue): string {
  return catalogue.providers.map((provider) => provider.slug).join(', ');
}

/** An unknown slug in a path. */
export function unknownProvider(catalogue: Catalogue): ClavigerError {
  return new ClavigerError(
    'unknown_provider',
    `There is no such provider. Use one of: ${validSlugs(catalogue)}.`,
  );
}

/** An unknown slug in a body, at `pointer`. */
export function unknownProviderField(catalogue: Catalogue, pointer: string): ClavigerError {
  const detail = `There is no such provider. Use one of: ${validSlugs(catalogue)}.`;
  return new ClavigerError('validation_failed', detail, { errors: [{ pointer, detail }] });
}
