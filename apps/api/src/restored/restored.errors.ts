import { ClavigerError } from '#lib/contracts';

export const RESTORED_READ_ONLY =
  'An old backup of the database was restored, or its checkpoints are missing: what was revoked since that backup may have come back. Until the operator of this installation has acknowledged it, only what takes away is done here: disabling or deleting keys, unassigning, revoking tokens, invites, members, sessions and exceptions from policies, policies that refuse, and the kill switches. No call is sent.';

export function restoredReadOnly(): ClavigerError {
  return new ClavigerError('database_restored', RESTORED_READ_ONLY);
}
