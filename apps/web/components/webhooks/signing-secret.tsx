'use client';

import { Button, Checkbox, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { CodeBlock } from '@/components/ui/code-block';

const VERIFY = `import { Webhook } from 'standardwebhooks';

const webhook = new Webhook(process.env.WEBHOOK_SECRET);
// Throws where a message is not ours:
const message = webhook.verify(rawBody, request.headers);`;

/** A signing secret is seen this once. The window goes on when the reader says that they have it. */
export function SigningSecret({ secret, onDone }: { secret: string; onDone: () => void }) {
  const [stored, setStored] = useState(false);
  return (
    <Stack>
      <Text>
        Copy the signing secret now: it is sealed here, and nobody can show it again. Its receiver verifies by
        it that a message is ours.
      </Text>
      <CodeBlock code={secret} what="the signing secret" />
      <Text fw={600}>Verify a message</Text>
      <CodeBlock code={VERIFY} what="the lines that verify" />
      <Text size="sm" c="dimmed">
        Give it the body as it came, not parsed and written again. Any library of Standard Webhooks will do.
      </Text>
      <Checkbox
        label="I stored it"
        checked={stored}
        onChange={(event) => setStored(event.currentTarget.checked)}
      />
      <Group justify="flex-end">
        <Button disabled={!stored} onClick={onDone}>
          Done
        </Button>
      </Group>
    </Stack>
  );
}
