import { Button, Stack, Text } from '@mantine/core';

export function JoinAsSelf({
  email,
  pending,
  onJoin,
}: {
  email: string;
  pending: boolean;
  onJoin: () => void;
}) {
  return (
    <Stack>
      <Text>
        You are signed in as <strong>{email}</strong>.
      </Text>
      <Button onClick={onJoin} loading={pending}>
        Ask to join
      </Button>
    </Stack>
  );
}
