'use client';

import { Button, Group, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { getKillSwitch, setKillSwitch } from '@/lib/api/organization';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { useAnnounce } from '@/components/ui/announcer';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Surface } from '@/components/ui/surface';

/** Stops all calls of the organization at once, and lets them through again. What the operator stopped stays stopped. */
export function OrgStop() {
  const announce = useAnnounce();
  const [reason, setReason] = useState('');
  const stop = useQuery({ queryKey: queryKeys.killSwitch, queryFn: getKillSwitch });
  const own = stop.data?.stops.find(({ by }) => by === 'owner');
  const set = useChange(
    (enabled: boolean) => setKillSwitch(enabled, enabled ? reason.trim() : ''),
    [queryKeys.killSwitch, queryKeys.allModels],
    (_, enabled) => announce(enabled ? 'All AI calls are stopped' : 'Your stop of all AI calls is lifted'),
  );
  return (
    <Surface title="Stop all AI calls">
      <Text maw={640} mb="md">
        For the case that something goes wrong: every call of this organization is refused from two seconds
        later on, and those under way are ended. Nothing is deleted, and everybody here is shown the reason.
      </Text>
      <Group align="flex-end">
        {!own && (
          <TextInput
            label="Reason"
            maxLength={500}
            w={320}
            maw="100%"
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        )}
        <Button
          color={own ? undefined : 'red'}
          disabled={!stop.data}
          loading={set.isPending}
          onClick={() => set.mutate(!own)}
        >
          {own ? 'Let calls through again' : 'Stop all AI calls'}
        </Button>
      </Group>
      {(set.error ?? stop.error) && <ProblemAlert error={set.error ?? stop.error} />}
    </Surface>
  );
}
