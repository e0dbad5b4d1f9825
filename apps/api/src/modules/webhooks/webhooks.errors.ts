import { ClavigerError, type WebhookEvent } from '#lib/contracts';

export function nameTaken(): ClavigerError {
  return new ClavigerError(
    'name_taken',
    'Another webhook of your organization has this name. Choose another one.',
    {
      errors: [{ pointer: '/name', detail: 'This name is taken.' }],
    },
  );
}

export function tooMany(max: number): ClavigerError {
  return new ClavigerError(
    'conflict',
    `An organization has at most ${max} webhooks. Delete one that is not needed.`,
  );
}

export function changedMeanwhile(): ClavigerError {
  return new ClavigerError(
    'conflict',
    'Somebody changed this webhook at the same moment. Read it again and repeat your change.',
  );
}

/** A refusal of the guard, with the field that it is about; anything else as it is. */
export function blockedUrl(error: unknown): unknown {
  if (!(error instanceof ClavigerError) || error.code !== 'egress_blocked') return error;
  const { message: detail, extras, cause } = error;
  return new ClavigerError(error.code, detail, { extras, cause, errors: [{ pointer: '/url', detail }] });
}

/** Events of the organization never reach a webhook of one workspace. */
export function notOfWorkspace(events: readonly WebhookEvent[], index: number): ClavigerError {
  return new ClavigerError(
    'validation_failed',
    `${events[index]} belongs to no workspace, so a webhook of one workspace would never be told of it. Leave it or workspaceId out.`,
    { errors: [{ pointer: `/events/${index}`, detail: 'This event belongs to no workspace.' }] },
  );
}

export function isDisabled(): ClavigerError {
  return new ClavigerError(
    'conflict',
    'This webhook is disabled, so nothing is sent to it. Enable it first (PATCH enabled: true); what waits for it is sent then as well.',
  );
}

export function isUnderWay(): ClavigerError {
  return new ClavigerError(
    'conflict',
    'This message is being sent at this moment. Look at what comes of it, and ask again if it fails.',
  );
}
