import { ClavigerError } from '#lib/contracts';

export function nameTaken(): ClavigerError {
  return new ClavigerError(
    'name_taken',
    'Another MCP server of your organization has this name. Choose another one.',
    { errors: [{ pointer: '/name', detail: 'This name is taken.' }] },
  );
}

/** A refusal of the guard, with the field that it is about; anything else as it is. */
export function blockedUrl(error: unknown): unknown {
  if (!(error instanceof ClavigerError) || error.code !== 'egress_blocked') return error;
  const { message: detail, extras, cause } = error;
  return new ClavigerError(error.code, detail, { extras, cause, errors: [{ pointer: '/url', detail }] });
}

/** The stored secret may not go where the new URL leads. */
export function secretRequired(origin: string): ClavigerError {
  const detail =
    `The stored secret was sealed for another place than ${origin}. Send the secret again together with this change, or clear it, ` +
    'so that nobody can point a stored secret at their own server.';
  return new ClavigerError('secret_required', detail, {
    errors: [{ pointer: '/secret', detail: 'Send the secret again.' }],
  });
}

export function serverInUse(workspaces: number, sampleIds: string[]): ClavigerError {
  return new ClavigerError(
    'conflict',
    `${workspaces} workspace(s) use this MCP server and would lose it at once. Take it out of them first, or repeat with force=true.`,
    {
      extras: {
        dependents: { counts: { workspaces }, sampleIds: { workspaces: sampleIds } },
        forcible: true,
      },
    },
  );
}

export function tooMany(max: number): ClavigerError {
  return new ClavigerError(
    'conflict',
    `An organization has at most ${max} MCP servers. Delete one that is not needed.`,
  );
}

export function changedMeanwhile(): ClavigerError {
  return new ClavigerError(
    'conflict',
    'Somebody changed this MCP server at the same moment. Read it again and repeat your change.',
  );
}

/** One server twice in a request that replaces all assignments. */
export function assignedTwice(index: number): ClavigerError {
  return new ClavigerError('validation_failed', 'An MCP server is listed twice. List each server once.', {
    errors: [
      { pointer: `/assignments/${index}/mcpServerId`, detail: 'This server is listed above already.' },
    ],
  });
}
