'use client';

import { Button, Text } from '@mantine/core';
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { useState } from 'react';
import type { Agent } from '@/lib/api/types';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { PassedOver } from './passed-over';
import { RoomLeft } from './room-left';
import { useResolution } from './use-resolution';
import styles from './agent.module.css';

/** Every gate that the node passes on its way to a key, and the one where it is stopped. */
export function WhyThisKey({ workspaceId, agent }: { workspaceId: string; agent: Agent }) {
  const [asked, setAsked] = useState(false);
  const { data, error } = useResolution(workspaceId, agent, asked);
  return (
    <div style={{ marginTop: 16 }}>
      <Button size="xs" variant="default" aria-expanded={asked} onClick={() => setAsked(!asked)}>
        Why this key?
      </Button>
      {asked && (
        <div aria-live="polite" style={{ marginTop: 8 }}>
          {error && <ProblemAlert error={error} />}
          {data?.choice && (
            <Text>
              A call made now is served by <strong>{data.choice.name}</strong> with{' '}
              <span className="mono">{data.choice.model}</span>.
            </Text>
          )}
          {data?.detail && <Text className="wrap">{data.detail}</Text>}
          {data?.trace.map(({ gate, ok, detail }) => (
            <div key={gate} className={styles.gate} data-ok={ok}>
              {ok ? (
                <IconCircleCheck size={17} aria-label="passed" />
              ) : (
                <IconCircleX size={17} aria-label="stopped" />
              )}
              <span>{gate.replaceAll('_', ' ')}</span>
              <span className="wrap">{detail}</span>
            </div>
          ))}
          {data && <PassedOver keys={data.passedOver} />}
          {data && <RoomLeft headRoom={data.headRoom} quotaRoom={data.quotaRoom} />}
        </div>
      )}
    </div>
  );
}
