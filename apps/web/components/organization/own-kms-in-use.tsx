'use client';

import { Button, Group, List, Text } from '@mantine/core';
import { useState } from 'react';
import type { OwnKms } from '@/lib/api/types';
import { ago, plural } from '@/lib/format';
import { StopOwnKms } from './stop-own-kms';

/** What wraps new secrets now, and which keys stored ones still need. */
export function OwnKmsInUse({ ownKms }: { ownKms: OwnKms }) {
  const [stopping, setStopping] = useState(false);
  const { key, former, platformVersions } = ownKms;
  return (
    <div>
      <Group justify="space-between" align="flex-start">
        <Text fw={600} className="wrap">
          {key
            ? 'New secrets are wrapped under your key'
            : 'New secrets are wrapped under the platform’s key'}
        </Text>
        {key && (
          <Button variant="default" onClick={() => setStopping(true)}>
            Stop using it
          </Button>
        )}
      </Group>
      {key && (
        <Text size="sm" className="wrap">
          <span className="mono">{key.keyId}</span>, through <span className="mono">{key.roleArn}</span>.
          Tried {ago(key.checkedAt)}.
        </Text>
      )}
      <List size="sm" mt="xs">
        {key && <List.Item>{plural(key.versions, 'stored secret version')} under it</List.Item>}
        {former.map(({ keyId, roleArn, versions }) => (
          <List.Item key={`${keyId} ${roleArn}`} className="wrap">
            {plural(versions, 'stored secret version')} under your former key{' '}
            <span className="mono">{keyId}</span>: keep it and its role{' '}
            <span className="mono">{roleArn}</span>, or rotate those keys
          </List.Item>
        ))}
        <List.Item>
          {plural(platformVersions, 'stored secret version')} under the platform’s key; rotating a key moves
          it
        </List.Item>
      </List>
      {stopping && key && <StopOwnKms keyId={key.keyId} onClose={() => setStopping(false)} />}
    </div>
  );
}
