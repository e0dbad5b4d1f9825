import { ClavigerError } from '#lib/contracts';
import type { Verdict } from './judge.js';

export const ACKNOWLEDGE = 'npm run audit -- acknowledge-restore --reason "…"';
export const BEGIN = 'npm run audit -- begin-checkpoints --reason "…"';
const RUNBOOK = 'infra/docs/runbooks/restored-database.md';

/** Why nothing is served, for callers: what it means for them, and who has to do what. */
export function refusalFor(verdict: Exclude<Verdict, { kind: 'present' }>): ClavigerError {
  return new ClavigerError('database_restored', detailOf(verdict));
}

function detailOf(verdict: Exclude<Verdict, { kind: 'present' }>): string {
  switch (verdict.kind) {
    case 'old_copy':
      return restored();
    case 'noticed':
      return verdict.cause === 'old_copy' ? restored() : gone();
    case 'no_checkpoints':
      return gone();
    case 'older_checkpoints':
      return `The file of audit checkpoints is an older one than before, so an old backup of the database could not be told from the present one. Nothing is sent until it has caught up, which the worker sees to within a minute. If it lasts, the operator of this installation puts the newest copy of the file back (${RUNBOOK}).`;
  }
}

function restored(): string {
  return `An old backup of the database was restored, so keys and tokens that were revoked since would work again. No call is sent until the operator of this installation has reviewed and acknowledged it: ${ACKNOWLEDGE} (${RUNBOOK}).`;
}

function gone(): string {
  return `The file of audit checkpoints is missing or empty, though checkpoints were made: an old backup of the database could not be told from the present one. No call is sent until the operator of this installation puts the file back, or says that it begins anew: ${BEGIN} (${RUNBOOK}).`;
}

/** Before the first comparison, and where an engine's memory cannot be read. */
export function notCompared(why?: string): ClavigerError {
  return new ClavigerError(
    'database_restored',
    why === undefined
      ? 'Whether this is the present database and not an old backup could not be checked yet. Try again in a moment; if it lasts, tell the operator of this installation.'
      : 'What this engine remembers of the database is damaged, so an old backup could not be told from the present one. The log of the engine tells the operator of this installation which file to look at.',
  );
}

/** The same for the log, with the numbers. */
export function wordsFor(verdict: Exclude<Verdict, { kind: 'present' }>): string {
  switch (verdict.kind) {
    case 'old_copy':
      return `this database is an old copy: its epoch is ${verdict.here}, and ${verdict.outside} was seen, which it does not know. What was revoked since would work again, so nothing is served until an operator acknowledges it: ${ACKNOWLEDGE} (${RUNBOOK})`;
    case 'noticed':
      return `${verdict.cause === 'old_copy' ? 'this database is an old copy' : 'the checkpoints are gone'}, as another process of this installation noticed: nothing is served until an operator has seen to it: ${verdict.cause === 'old_copy' ? ACKNOWLEDGE : BEGIN} (${RUNBOOK})`;
    case 'no_checkpoints':
      return `the database's epoch is ${verdict.here}, but the file of audit checkpoints is missing, empty, or that of an earlier beginning: nothing is served. Put it back; or, if this is its first use or it is lost: ${BEGIN} (${RUNBOOK})`;
    case 'older_checkpoints':
      return `the file of audit checkpoints ends at epoch ${verdict.file}, and ${verdict.remembered} was in it before: nothing is served until the worker has filled it up, or its newest copy is put back (${RUNBOOK})`;
  }
}
