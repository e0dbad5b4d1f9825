import { ClavigerError } from '#lib/contracts';

export function slugTaken(): ClavigerError {
  return new ClavigerError(
    'name_taken',
    'Another workspace of your organization has this slug. Choose another one.',
    {
      errors: [{ pointer: '/slug', detail: 'This slug is taken.' }],
    },
  );
}

export function defaultWorkspaceStays(): ClavigerError {
  return new ClavigerError(
    'conflict',
    'The default workspace cannot be deleted. Make another workspace the default first (PATCH it with isDefault: true).',
  );
}
