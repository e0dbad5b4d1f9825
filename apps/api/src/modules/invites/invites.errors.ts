import { ClavigerError, notFound } from '#lib/contracts';
import { validationFailed } from '#lib/http';

/** One answer for a link that is unknown, deleted or switched off. */
export function inviteClosed(): ClavigerError {
  return notFound();
}

const ANOTHER = 'Ask whoever sent it, or an OWNER or ADMIN of the organization, for another one.';

/** Who has the link knows that it was one: they may know why it is none any more. */
export function inviteExpired(at: Date): ClavigerError {
  return new ClavigerError('forbidden', `This invite ended on ${at.toISOString().slice(0, 10)}. ${ANOTHER}`);
}

export function makerMayNotInvite(): ClavigerError {
  const detail = 'Whoever made this invite may not invite any more.';
  return new ClavigerError('forbidden', `${detail} ${ANOTHER}`);
}

export function staysClosed(): ClavigerError {
  return new ClavigerError(
    'conflict',
    'Whoever made this link may not invite any more, so it stays closed. Make a new one.',
  );
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

export function endsOutOfBounds(days: number): ClavigerError {
  const detail = `Give a time in the future, ${days} days ahead at most, or leave it out.`;
  return validationFailed([{ pointer: '/expiresAt', detail }]);
}

export function newAccountIncomplete(missing: string[]): ClavigerError {
  return validationFailed(
    missing.map((field) => ({ pointer: `/${field}`, detail: 'Needed to make an account. Or log in first.' })),
  );
}
