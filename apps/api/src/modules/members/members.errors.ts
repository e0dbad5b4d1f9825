import { ClavigerError } from '#lib/contracts';

export function lastOwner(): ClavigerError {
  return new ClavigerError(
    'last_owner',
    'This is the last OWNER. Make another active member OWNER first, then try again.',
  );
}

export function aboveYourRole(): ClavigerError {
  return new ClavigerError(
    'forbidden',
    'Only an OWNER may change or make an OWNER. Ask an OWNER of the organization.',
  );
}

export function notPending(): ClavigerError {
  return new ClavigerError(
    'conflict',
    'This member is active already: there is nothing to approve. Reload the list.',
  );
}

export function stillPending(): ClavigerError {
  return new ClavigerError(
    'conflict',
    'This member waits for approval. Approve them first (with the role that you want), or remove them.',
  );
}
