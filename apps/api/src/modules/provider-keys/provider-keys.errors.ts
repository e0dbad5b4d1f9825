import { ClavigerError } from '#lib/contracts';
import type { FieldFault } from '#lib/kernel';
import type { Dependents } from '../assignments/index.js';

export function nameTaken(): ClavigerError {
  return new ClavigerError(
    'name_taken',
    'Another provider key of your organization has this name. Choose another one.',
    {
      errors: [{ pointer: '/name', detail: 'This name is taken.' }],
    },
  );
}

export function keyInUse(dependents: Dependents): ClavigerError {
  const { workspaces, policies } = dependents.counts;
  const losers = workspaces > 0 ? [`${workspaces} workspace(s) use this key and would lose it at once.`] : [];
  // Of severity HIGH they refuse whatever they cannot have judged.
  if (policies > 0)
    losers.push(
      `${policies} policy(ies) have what is said judged by it: without it those of severity HIGH refuse every call.`,
    );
  return new ClavigerError(
    'key_in_use',
    `${losers.join(' ')} Take it out of them first, or repeat with force=true.`,
    { extras: { dependents: { ...dependents, forcible: true }, forcible: true } },
  );
}

/** The secret may not go where the key's calls would. */
export function secretRequired(places: readonly string[]): ClavigerError {
  const detail =
    `The stored secret was sealed for other places than ${places.join(', ')}. ` +
    'Send the secret again together with this change, so that nobody can point a stored key at their own server.';
  return new ClavigerError('secret_required', detail, {
    errors: [{ pointer: '/secret', detail: 'Send the secret again.' }],
  });
}

/** The linked secret may not go where the key's calls would. */
export function secretNotForThese(places: readonly string[]): ClavigerError {
  const detail = `This secret is not for ${places.join(', ')}. Link one whose origins include it, or enter the key's secret here.`;
  return new ClavigerError('secret_required', detail, { errors: [{ pointer: '/secretId', detail }] });
}

/** What anybody's tools may name, or what an MCP server was given, is no key of a workspace's own. */
export function secretNotForKeys(): ClavigerError {
  const detail =
    'This secret is for tools or for an MCP server, and no provider key can use it. Enter the key’s secret here.';
  return new ClavigerError('secret_required', detail, { errors: [{ pointer: '/secretId', detail }] });
}

export function invalid(errors: FieldFault[]): ClavigerError {
  return new ClavigerError('validation_failed', errors.map((fault) => fault.detail).join(' '), { errors });
}

/** A refusal of the guard, with the field that it is about; anything else as it is. */
export function blockedAt(pointer: string, error: unknown): unknown {
  if (!(error instanceof ClavigerError) || error.code !== 'egress_blocked') return error;
  const { message: detail, extras, cause } = error;
  return new ClavigerError(error.code, detail, { extras, cause, errors: [{ pointer, detail }] });
}

export function expiresInThePast(): ClavigerError {
  return invalid([
    {
      pointer: '/expiresAt',
      detail: 'This time is over. Give one in the future, or leave it out; to stop a key now, disable it.',
    },
  ]);
}

export function changedMeanwhile(): ClavigerError {
  return new ClavigerError(
    'conflict',
    'Somebody changed this key at the same moment. Read it again and repeat your change.',
  );
}

export function nothingToRotate(): ClavigerError {
  return new ClavigerError(
    'secret_required',
    'This key has no secret to rotate. Enter one by changing the key (PATCH with secret).',
  );
}

export function rotateTheSecret(secretId: string): ClavigerError {
  return new ClavigerError(
    'conflict',
    `This key uses the stored secret ${secretId}, maybe with other keys. Rotate that secret (POST /secrets/${secretId}/rotate).`,
  );
}

/** The new credential goes to places that another key's does not, and both use one secret. */
export function changeTheKey(places: readonly string[]): ClavigerError {
  return new ClavigerError(
    'conflict',
    `Another key is linked to this key's secret, and the new one goes to ${places.join(', ')} as well. Enter it by changing the key (PATCH with secret): then the key gets a secret of its own.`,
  );
}

export function nothingToCallWith(): ClavigerError {
  return new ClavigerError(
    'secret_required',
    'This key has no secret yet. An OWNER can enter one under Settings → AI Providers (PATCH with secret).',
  );
}
