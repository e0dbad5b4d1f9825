'use client';

import { Text } from '@mantine/core';
import type { AuditEvent } from '@/lib/api/types';
import { timestamp } from '@/lib/format';
import { DataTable } from '@/components/ui/data-table';
import styles from './audit.module.css';

/** Newest first, with what changed as it was written down (redacted where it was a secret). */
export function AuditTable({
  events,
  names,
}: {
  events: AuditEvent[] | undefined;
  names: Map<string, string>;
}) {
  return (
    <DataTable
      label="Audit log"
      rows={events}
      rowKey={(event) => event.id}
      columns={[
        {
          key: 'at',
          title: 'When',
          cell: ({ at }) => (
            <time dateTime={at} className={styles.time}>
              {timestamp(at)}
            </time>
          ),
        },
        {
          key: 'actor',
          title: 'Who',
          cell: ({ actor, ip }) => (
            <div>
              {names.get(actor) ?? <span className="mono wrap">{actor}</span>}
              {ip && (
                <Text size="xs" c="dimmed" className="mono">
                  {ip}
                </Text>
              )}
            </div>
          ),
        },
        {
          key: 'action',
          title: 'What',
          cell: ({ action, target }) => (
            <div>
              {action}
              <Text size="xs" c="dimmed" className="mono wrap">
                {target}
              </Text>
            </div>
          ),
        },
        {
          key: 'change',
          title: 'Change',
          cell: ({ change, requestId }) => (
            <div>
              <details className={styles.change}>
                <summary>Details</summary>
                <pre>{JSON.stringify(change, null, 2)}</pre>
                <span className="mono wrap">{requestId}</span>
              </details>
            </div>
          ),
        },
      ]}
    />
  );
}
