import { ClavigerError } from '#lib/contracts';
import type { FieldFault } from '#lib/kernel';

export function invalid(errors: FieldFault[]): ClavigerError {
  return new ClavigerError('validation_failed', errors.map((fault) => fault.detail).join(' '), { errors });
}

export function changedMeanwhile(): ClavigerError {
  return new ClavigerError(
    'conflict',
    'Somebody changed the catalogue at the same moment. Read it again and repeat your change.',
  );
}

export function providerInUse(use: { provider: string; keys: number; orgs: number }[]): ClavigerError {
  const counts = use.map(
    ({ provider, keys, orgs }) => `"${provider}": ${keys} key(s) of ${orgs} organization(s)`,
  );
  const detail = `Keys still use what would go (${counts.join('; ')}). Switch the provider off instead ("enabled": false), or wait until their OWNERs have deleted the keys.`;
  return new ClavigerError('conflict', detail, { extras: { use } });
}

export function isBuiltIn(slug: string): ClavigerError {
  return new ClavigerError(
    'conflict',
    `"${slug}" is one of Claviger’s own providers and carries no change of yours. Switch it off instead: PUT with "enabled": false.`,
  );
}

export function unknownVersion(version: number): ClavigerError {
  const detail = `There is no version ${version} of the catalogue to go back to. GET /api/v1/platform/catalogue/versions lists them.`;
  return new ClavigerError('validation_failed', detail, { errors: [{ pointer: '/version', detail }] });
}
