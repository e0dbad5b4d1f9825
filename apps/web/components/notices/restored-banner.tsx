'use client';

import { Alert } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconAlertTriangle } from '@tabler/icons-react';
import { getInstallation } from '@/lib/api/organization';
import { queryKeys } from '@/lib/hooks/queries';

const LOOK_AGAIN_MS = 30_000;

/** On top of every page while an old backup is restored and not acknowledged: nobody can close it, only the operator ends it. */
export function RestoredBanner() {
  // A failure is silent here: the page below says what it cannot read.
  const installation = useQuery({
    queryKey: queryKeys.installation,
    queryFn: getInstallation,
    refetchInterval: LOOK_AGAIN_MS,
  });
  if (!installation.data?.restored) return null;
  return (
    <Alert
      color="red"
      role="alert"
      mb="md"
      icon={<IconAlertTriangle aria-hidden />}
      title="An old backup of the database was restored"
    >
      {installation.data.detail} Look through keys, tokens and members now, and take away again what is not to
      work.
    </Alert>
  );
}
