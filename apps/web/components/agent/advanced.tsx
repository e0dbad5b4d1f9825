'use client';

import { Skeleton } from '@mantine/core';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import type { Draft } from './draft';
import type { FaultOf } from './step-draft';
import styles from './agent.module.css';

const StepFields = dynamic(() => import('./step-fields').then((module) => module.StepFields), {
  ssr: false,
  loading: () => <Skeleton height={80} mt="sm" />,
});

interface AdvancedProps {
  draft: Draft;
  faultOf: FaultOf;
  onChange: (change: Partial<Draft>) => void;
}

/** What few nodes need, folded away; it is fetched when it is opened. */
export function Advanced({ draft, faultOf, onChange }: AdvancedProps) {
  const [startsOpen] = useState(Boolean(draft.stops?.length || draft.stepRules?.length));
  const [wasOpen, setWasOpen] = useState(startsOpen);
  return (
    <details
      className={styles.more}
      open={startsOpen}
      onToggle={(event) => {
        if (event.currentTarget.open) setWasOpen(true);
      }}
    >
      <summary>Advanced</summary>
      {wasOpen && <StepFields draft={draft} faultOf={faultOf} onChange={onChange} />}
    </details>
  );
}
