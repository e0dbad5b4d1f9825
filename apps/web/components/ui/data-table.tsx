'use client';

import { Button, Skeleton } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import styles from './data-table.module.css';

export interface Column<Row> {
  key: string;
  title: string;
  /** Numbers stand right-aligned in equal-width figures. */
  numeric?: boolean;
  /** The heading is for screen readers only, as over a column of buttons. */
  quietTitle?: boolean;
  cell: (row: Row) => ReactNode;
}

interface DataTableProps<Row> {
  label: string;
  columns: Column<Row>[];
  rows: Row[] | undefined;
  rowKey: (row: Row) => string;
}

/** So many rows are drawn at once: a list of hundreds stays a page that can be read. */
const ROWS_AT_ONCE = 50;

/** A table that becomes a list of labelled cards on a narrow screen; without rows it draws their skeleton. Long ones grow on demand. */
export function DataTable<Row>({ label, columns, rows, rowKey }: DataTableProps<Row>) {
  const [most, setMost] = useState(ROWS_AT_ONCE);
  const more = (rows?.length ?? 0) - most;
  return (
    <>
      <table className={styles.table} aria-label={label} aria-busy={rows === undefined}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" data-numeric={column.numeric}>
                {column.quietTitle ? <span className={styles.quiet}>{column.title}</span> : column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows === undefined
            ? [0, 1, 2].map((index) => <SkeletonRow key={index} columns={columns.length} />)
            : rows.slice(0, most).map((row) => (
                <tr key={rowKey(row)}>
                  {columns.map((column) => (
                    <td
                      key={column.key}
                      data-label={column.quietTitle ? '' : column.title}
                      data-numeric={column.numeric}
                    >
                      {column.cell(row)}
                    </td>
                  ))}
                </tr>
              ))}
        </tbody>
      </table>
      {more > 0 && (
        <Button variant="subtle" m="md" onClick={() => setMost(most + ROWS_AT_ONCE)}>
          Load {Math.min(more, ROWS_AT_ONCE)} more of {more}
        </Button>
      )}
    </>
  );
}

function SkeletonRow({ columns }: { columns: number }) {
  return (
    <tr>
      {Array.from({ length: columns }, (_, index) => (
        <td key={index} data-label="">
          <Skeleton height={12} width={index === 0 ? '80%' : '55%'} my={6} />
        </td>
      ))}
    </tr>
  );
}
