import { ClavigerError, notFound } from '#lib/contracts';
import { validationFailed } from '#lib/http';

/** One answer for a link that is unknown, deleted, switched off or expired. */
export function inviteClosed(): ClavigerError {
  return notFound();
}

export function alreadyMember(status: string): ClavigerError {
  return new ClavigerError(
    'conflict',
    status === 'pending'
      ? 'You asked to join already. Ask an OWNER of the organization to approve you.'
      : 'You are a member of this organization already. Switch to it at the top left.',
  );
}

export function ownerInviteByOwnerOnly(): ClavigerError {
  return new ClavigerError(
    'forbidden',
    'Only an OWNER may invite OWNERs. Invite an ADMIN or MEMBER, or ask an OWNER.',
  );
}

export function expiresInThePast(): ClavigerError {
  return validationFailed([{ pointer: '/expiresAt', detail: 'Give a time in the future, or leave it out.' }]);
}

export function newAccountIncomplete(missing: string[]): ClavigerError {
  return validationFailed(
    missing.map((field) => ({ pointer: `/${field}`, detail: 'Needed to make an account. Or log in first.' })),
  );
}
