import { ClavigerError } from '#lib/contracts';
import { mostOf, type UsageInterval } from './usage.js';

export function badRange(interval: UsageInterval): ClavigerError {
  const detail = `Give ${interval}s that exist, "from" not after "to", and at most ${mostOf(interval)} ${interval}s at once.`;
  return new ClavigerError('validation_failed', detail, { errors: [{ pointer: '/from', detail }] });
}
