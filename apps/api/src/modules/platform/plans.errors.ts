import { ClavigerError } from '#lib/contracts';

export function unknownPlan(asked: string, known: readonly string[]): ClavigerError {
  const detail = `There is no plan "${asked}". The plans of this installation are ${known.join(', ')}; CLAVIGER_PLANS adds others.`;
  return new ClavigerError('validation_failed', detail, { errors: [{ pointer: '/plan', detail }] });
}
