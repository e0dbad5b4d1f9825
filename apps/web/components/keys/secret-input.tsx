'use client';

import { TextInput, type TextInputProps } from '@mantine/core';

/** A field for a secret: never shown, never offered to or filled by a password manager. */
export function SecretInput(props: Omit<TextInputProps, 'type' | 'autoComplete'>) {
  return (
    <TextInput
      {...props}
      type="password"
      autoComplete="new-password"
      spellCheck={false}
      data-1p-ignore
      data-lpignore="true"
      data-bwignore
      data-form-type="other"
    />
  );
}
