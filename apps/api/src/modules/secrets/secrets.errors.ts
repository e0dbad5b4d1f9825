import { ClavigerError } from '#lib/contracts';

export function secretInUse(keyIds: string[], total: number): ClavigerError {
  return new ClavigerError(
    'conflict',
    `${total} provider key(s) use this secret. Give them another secret or delete them first, then delete this one.`,
    { extras: { dependents: { counts: { aiProviders: total }, sampleIds: { aiProviders: keyIds } } } },
  );
}

export function secretOwnedByKey(keyId: string): ClavigerError {
  return new ClavigerError(
    'conflict',
    `This secret was entered with the provider key ${keyId} and lives as long as it. Delete that key, or clear its secret.`,
  );
}

export function replacedMeanwhile(): ClavigerError {
  return new ClavigerError(
    'conflict',
    'Somebody replaced this secret at the same moment. Read it again and repeat your change.',
  );
}

export function rotationRuns(): ClavigerError {
  return new ClavigerError(
    'conflict',
    'A rotation of this secret is running. Wait for its answer, or five minutes if it was broken off.',
  );
}

export function secretOwnedByServer(serverId: string): ClavigerError {
  return new ClavigerError(
    'conflict',
    `This secret was entered with the MCP server ${serverId} and lives as long as it. Change or delete that server.`,
  );
}

/** A tool names a secret by its name, so that must be one secret's alone. */
export function toolNameTaken(): ClavigerError {
  return new ClavigerError(
    'name_taken',
    'Another secret for tools of your organization has this name, and tools name them by it. Choose another one.',
    { errors: [{ pointer: '/name', detail: 'This name is taken.' }] },
  );
}

export function tooManyForTools(max: number): ClavigerError {
  return new ClavigerError(
    'conflict',
    `An organization has at most ${max} secrets for tools. Delete one that is not needed.`,
  );
}
