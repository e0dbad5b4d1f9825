'use client';

import { Text } from '@mantine/core';
import { useState } from 'react';
import { detectKey, type PastedKey } from '@/lib/detect/pasted-key';
import { SecretInput } from './secret-input';

/**
 * Takes a pasted key, curl line or `.env` block. The clipboard's text is read from the paste event and never put into the
 * field, so that it does not stand on the screen even for a moment.
 */
export function PasteBox({ onDetected }: { onDetected: (found: PastedKey) => void }) {
  const [missed, setMissed] = useState(false);
  const take = (text: string) => {
    const found = detectKey(text);
    setMissed(found === null);
    if (found) onDetected(found);
  };
  return (
    <div>
      <SecretInput
        data-autofocus
        label="Paste a key, a curl line or an .env block"
        description="The provider is recognised and the key is masked at once"
        placeholder="Paste here"
        value=""
        onChange={(event) => take(event.currentTarget.value)}
        onPaste={(event) => {
          event.preventDefault();
          take(event.clipboardData.getData('text'));
        }}
      />
      <Text size="sm" mt={4} aria-live="polite">
        {missed &&
          'No vendor can be told from this. Choose the provider below and enter the key in the next step.'}
      </Text>
    </div>
  );
}
