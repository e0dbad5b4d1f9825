'use client';

import type { ListedRun } from '@/lib/api/types';
import { ago, count, money, timestamp } from '@/lib/format';
import { DataTable } from '@/components/ui/data-table';
import { Quiet } from '@/components/ui/quiet';
import { Status } from '@/components/ui/status';
import { isFree, RUN_TONES, RUN_WORDS } from './run-words';
import styles from './runs.module.css';

interface RunTableProps {
  runs: ListedRun[] | undefined;
  /** What people call a key; undefined where the reader may not know. */
  keyName: (id: string) => string | undefined;
  onOpen: (run: ListedRun) => void;
}

export function RunTable({ runs, keyName, onOpen }: RunTableProps) {
  return (
    <DataTable
      label="Runs"
      rows={runs}
      rowKey={({ id }) => id}
      columns={[
        {
          key: 'started',
          title: 'Started',
          cell: (run) => (
            <button
              type="button"
              className={styles.open}
              title={timestamp(run.startedAt)}
              aria-label={`${ago(run.startedAt)}, run ${run.nodeExecutionId}`}
              onClick={() => onOpen(run)}
            >
              {ago(run.startedAt)}
            </button>
          ),
        },
        {
          key: 'status',
          title: 'Status',
          cell: ({ status }) => <Status tone={RUN_TONES[status]}>{RUN_WORDS[status]}</Status>,
        },
        {
          key: 'model',
          title: 'Model',
          cell: ({ served }) =>
            served ? <span className="mono wrap">{served.model}</span> : <Quiet>none asked</Quiet>,
        },
        {
          key: 'key',
          title: 'Key that served',
          cell: ({ served }) =>
            served ? (
              (keyName(served.aiProviderId) ?? (
                <span className="mono wrap">{short(served.aiProviderId)}</span>
              ))
            ) : (
              <Quiet>none</Quiet>
            ),
        },
        {
          key: 'workflow',
          title: 'Workflow',
          cell: ({ workflowId }) =>
            workflowId ? <span className="mono wrap">{workflowId}</span> : <Quiet>none named</Quiet>,
        },
        {
          key: 'tokens',
          title: 'Tokens',
          numeric: true,
          cell: ({ usage }) => count(usage.totalTokens),
        },
        {
          key: 'cost',
          title: 'Cost',
          numeric: true,
          cell: ({ usage }) => (isFree(usage) ? <Quiet>none</Quiet> : money(usage.costMicroUsd)),
        },
      ]}
    />
  );
}

/** Enough of an id to tell keys of one organization apart. */
function short(id: string): string {
  return `${id.slice(0, 8)}…${id.slice(-4)}`;
}
