'use client';

import { Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getOwnKms } from '@/lib/api/own-kms';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Surface } from '@/components/ui/surface';
import { OwnKmsForm } from './own-kms-form';
import { OwnKmsInUse } from './own-kms-in-use';
import { OwnKmsTerraform } from './own-kms-terraform';

/** Whose KMS key guards the organization's secrets. For owners alone: the planes refuse everybody else. */
export function OwnKmsKey() {
  const ownKms = useQuery({ queryKey: ['own-kms'], queryFn: getOwnKms });
  if (ownKms.error) return <ProblemAlert error={ownKms.error} onRetry={() => void ownKms.refetch()} />;
  const data = ownKms.data;
  return (
    <Surface title="Your own KMS key">
      {data ? (
        <Stack>
          <Text maw={640}>
            Each stored secret is encrypted under a data key, and a key service wraps the data keys. By
            default that is this platform’s. Name an AWS KMS key of your own account, and new secrets are
            wrapped under yours: when you disable it, nothing that it wraps can be opened any more, five
            minutes later at the latest.
          </Text>
          <OwnKmsInUse ownKms={data} />
          {data.available ? (
            <>
              <OwnKmsTerraform ownKms={data} />
              <OwnKmsForm current={data.key} />
            </>
          ) : (
            <Text c="dimmed">
              This installation does not use keys of organizations. Its operator can set CLAVIGER_ORG_KMS=aws.
            </Text>
          )}
        </Stack>
      ) : (
        <Skeleton height={200} />
      )}
    </Surface>
  );
}
