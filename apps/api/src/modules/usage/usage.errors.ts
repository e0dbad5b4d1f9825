import { ClavigerError } from '#lib/contracts';
import { MOST_DAYS } from './usage.js';

export function badRange(): ClavigerError {
  const detail = `Give days that exist, "from" not after "to", and at most ${MOST_DAYS} days at once.`;
  return new ClavigerError('validation_failed', detail, { errors: [{ pointer: '/from', detail }] });
}
